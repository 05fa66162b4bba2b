#include "settings/values.h"

#include <charconv>
#include <optional>

namespace settings {
namespace {

base::Status bad(std::string_view text, std::string_view expected) {
  return base::fail(base::Code::kInvalid,
                    "\"" + std::string(text) + "\" is not " + std::string(expected));
}

base::Status set_number(std::uint64_t& field, std::optional<std::uint64_t> value,
                        std::string_view text, Range range) {
  if (!value) {
    return bad(text, "a whole number, or a size such as 64MiB");
  }
  if (*value < range.min || (range.max != 0 && *value > range.max)) {
    return bad(text, range.max == 0 ? std::to_string(range.min) + " or more"
                                    : "between " + std::to_string(range.min) + " and " +
                                          std::to_string(range.max));
  }
  field = *value;
  return base::ok();
}

}  // namespace

base::Status set_count(std::uint64_t& field, std::string_view text, Range range) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return set_number(field, whole ? std::optional(value) : std::nullopt, text, range);
}

base::Status set_size(std::uint64_t& field, std::string_view text, Range range) {
  return set_number(field, parse_size(text), text, range);
}

base::Status set_duration(std::chrono::milliseconds& field, std::string_view text) {
  const std::optional<std::chrono::milliseconds> value = parse_duration(text);
  if (!value) {
    return bad(text, "a duration such as 250ms, 15m or 30d");
  }
  field = *value;
  return base::ok();
}

base::Status set_flag(bool& field, std::string_view text) {
  if (text != "true" && text != "false") {
    return bad(text, "true or false");
  }
  field = text == "true";
  return base::ok();
}

base::Status set_text(std::string& field, std::string_view text) {
  field = text;
  return base::ok();
}

base::Status set_path(std::string& field, std::string_view text) {
  if (!text.starts_with('/') || text.find_first_of("?# ") != std::string_view::npos) {
    return bad(text, "a path such as /collect");
  }
  field = text;
  return base::ok();
}

base::Status set_list(std::vector<std::string>& field, std::string_view text) {
  field.clear();
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    std::string_view part = text.substr(0, comma);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    while (part.starts_with(' ')) {
      part.remove_prefix(1);
    }
    while (part.ends_with(' ')) {
      part.remove_suffix(1);
    }
    if (!part.empty()) {
      field.emplace_back(part);
    }
  }
  return base::ok();
}

std::string join(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) {
    out += (out.empty() ? "" : ",") + part;
  }
  return out;
}

base::Result<std::size_t> index_of(std::string_view text, std::span<const std::string_view> names) {
  std::string expected;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == text) {
      return i;
    }
    expected += (i == 0 ? "" : ", ") + std::string(names[i]);
  }
  return bad(text, "one of " + expected).error();
}

}  // namespace settings
