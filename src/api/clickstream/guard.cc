#include "api/clickstream/guard.h"

#include "base/text.h"
#include "codec/hash.h"

#include <algorithm>

namespace api::clickstream {
namespace {

// Takes the next part of a list off its front.
std::string_view next_part(std::string_view& list) {
  const std::size_t end = list.find(';');
  const std::string_view part = base::trim(list.substr(0, end));
  list = end == std::string_view::npos ? std::string_view() : list.substr(end + 1);
  return part;
}

bool has_cookie(std::string_view wanted, std::string_view sent) {
  const bool any_name = wanted.find('=') == std::string_view::npos;
  while (!sent.empty()) {
    std::string_view cookie = next_part(sent);
    if (any_name && cookie.find('=') != std::string_view::npos) {
      cookie.remove_prefix(cookie.find('=') + 1);
    }
    if (codec::equal_constant_time(cookie, wanted)) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool has_auth_cookie(std::string_view wanted, std::string_view sent) {
  bool all_sent = true;
  while (!wanted.empty()) {
    const std::string_view cookie = next_part(wanted);
    all_sent = (cookie.empty() || has_cookie(cookie, sent)) && all_sent;
  }
  return all_sent;
}

bool is_hash_code(std::string_view hash_code, std::string_view body) {
  std::string lower(hash_code);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'F' ? static_cast<char>(letter - 'A' + 'a') : letter;
  });
  return lower == codec::to_hex(codec::sha256(body)).substr(0, 8);
}

std::string header_text(std::string_view text) {
  constexpr std::size_t kBytesMax = 500;
  std::string out(text.substr(0, kBytesMax));
  std::replace_if(
      out.begin(), out.end(), [](char letter) { return letter < ' ' || letter > '~'; }, '?');
  return out;
}

std::string seconds_text(std::int64_t time_ms) {
  const std::string fraction = std::to_string(1000 + time_ms % 1000);
  return std::to_string(time_ms / 1000) + "." + fraction.substr(1);
}

}  // namespace api::clickstream
