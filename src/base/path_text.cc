#include "base/path_text.h"

namespace base {
namespace {

constexpr std::string_view kQuotes = "'\"";
constexpr std::string_view kWordEnds = " \t\n'\",;:()[]{}=";

std::string_view last_name(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) {
    path.remove_suffix(1);
  }
  return path.substr(path.rfind('/') + 1);
}

/// What stands between the quote at the start of `text` and the next one like it, when that is a
/// path; it may hold spaces. Empty for other text: the quote may be an apostrophe.
std::string_view quoted_path(std::string_view text) {
  const std::size_t end = text.find(text[0], 1);
  if (end == std::string_view::npos) {
    return {};
  }
  const std::string_view inside = text.substr(1, end - 1);
  return inside.find('/') == std::string_view::npos ? std::string_view() : inside;
}

}  // namespace

std::string without_folders(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (kQuotes.find(text[0]) != std::string_view::npos) {
      const std::string_view path = quoted_path(text);
      out += text[0];
      out += last_name(path);
      text.remove_prefix(1 + path.size());
      if (!path.empty()) {
        out += text[0];
        text.remove_prefix(1);
      }
    } else if (kWordEnds.find(text[0]) != std::string_view::npos) {
      out += text[0];
      text.remove_prefix(1);
    } else {
      const std::string_view word = text.substr(0, text.find_first_of(kWordEnds));
      const bool is_path = word.starts_with('/') || word.starts_with('.');
      out += is_path ? last_name(word) : word;
      text.remove_prefix(word.size());
    }
  }
  return out;
}

}  // namespace base
