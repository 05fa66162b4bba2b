#include "json/builder.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace json {
namespace {

/// An excerpt may end inside a character or hold control characters.
std::string make_printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(),
      [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7F;
      },
      '?');
  return text;
}

}  // namespace

bool Builder::invalid(std::string_view what) {
  error_ =
      base::fail(base::Code::kInvalid, std::string(what) + " at byte " +
                                           std::to_string(source_offset(source_.replaced, at_)));
  return false;
}

bool Builder::too_large(std::string what) {
  error_ = base::fail(base::Code::kTooLarge, std::move(what));
  return false;
}

bool Builder::unexpected(std::string_view wanted) {
  const std::string_view here = text_.substr(at_);
  if (here.starts_with("//") || here.starts_with("/*")) {
    return invalid("a comment, which JSON does not have,");
  }
  std::string what = "expected ";
  what += wanted;
  what += " but found \"";
  what += here.substr(0, std::min<std::size_t>(here.find_first_of(" \t\r\n,:]}"), 20));
  if (what.ends_with('"')) {
    what += here.substr(0, 1);
  }
  what += '"';
  return invalid(make_printable(std::move(what)));
}

std::size_t source_offset(const std::vector<Replacement>& replaced, std::size_t at) {
  const auto after = std::upper_bound(
      replaced.begin(), replaced.end(), at,
      [](std::size_t value, const Replacement& replacement) { return value < replacement.at; });
  if (after == replaced.begin()) {
    return at;
  }
  const Replacement& last = *std::prev(after);
  const std::size_t behind = last.at + kReplacement.size();
  return at < behind ? last.source : last.source + last.source_bytes + (at - behind);
}

}  // namespace json
