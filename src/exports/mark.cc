#include "exports/mark.h"

#include <charconv>

namespace exports {
namespace {

template <class T>
bool take(std::string_view& text, T& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc()) {
    return false;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (text.starts_with(' ')) {
    text.remove_prefix(1);
  }
  return true;
}

}  // namespace

std::string mark_text(const Mark& mark) {
  std::string out = std::to_string(mark.through);
  out += ' ';
  out += std::to_string(mark.last);
  out += ' ';
  out += std::to_string(mark.hour);
  return out;
}

std::optional<Mark> parse_mark(std::string_view text) {
  Mark out;
  if (!take(text, out.through) || !take(text, out.last) || !take(text, out.hour) || !text.empty()) {
    return std::nullopt;
  }
  return out;
}

}  // namespace exports
