#include "api/sigv4/request.h"

#include "base/text.h"

namespace api::sigv4 {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool equal_ignoring_case(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) {
    return false;
  }
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (lower(left[i]) != lower(right[i])) {
      return false;
    }
  }
  return true;
}

bool has_header(Headers headers, std::string_view name) {
  for (const auto& [header, value] : headers) {
    if (equal_ignoring_case(header, name)) {
      return true;
    }
  }
  return false;
}

std::string_view header_value(Headers headers, std::string_view name) {
  for (const auto& [header, value] : headers) {
    if (equal_ignoring_case(header, name)) {
      return base::trim(value, base::kWhiteSpace);
    }
  }
  return {};
}

}  // namespace api::sigv4
