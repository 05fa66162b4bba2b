#include "enrich/page_url.h"

#include <algorithm>
#include <array>

namespace enrich {
namespace {

constexpr auto kNotInHosts = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view(" \t\"'<>\\^`{|}%,;()!")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}();

/// Where the first '/' or '?' stands, or the end.
std::size_t path_begin(std::string_view url) {
  const auto found = std::ranges::find_if(url, [](char c) { return c == '/' || c == '?'; });
  return static_cast<std::size_t>(found - url.begin());
}

std::string_view without_port(std::string_view authority) {
  if (authority.starts_with('[')) {
    return authority.substr(0, authority.find(']') + 1);
  }
  return authority.substr(0, authority.find(':'));
}

bool looks_like_host(std::string_view host) {
  return !host.empty() && std::ranges::none_of(host, [](char c) {
    return kNotInHosts[static_cast<unsigned char>(c)];
  });
}

bool has_scheme_without_host(std::string_view url) {
  const auto colon = url.find(':');
  const auto end = url.find_first_of("/?#");
  // "host:8080/path" has digits behind its colon, "about:blank" and "mailto:a@b" have not.
  return colon != std::string_view::npos && colon < end && colon + 1 < url.size() &&
         !(url[colon + 1] >= '0' && url[colon + 1] <= '9');
}

}  // namespace

UrlParts split_url(std::string_view url) {
  UrlParts parts;
  url = url.substr(0, url.find('#'));
  const auto scheme_end = url.find("://");
  if (scheme_end != std::string_view::npos && scheme_end < path_begin(url)) {
    url.remove_prefix(scheme_end + 3);
  } else if (url.starts_with("//")) {
    url.remove_prefix(2);
  } else if (!url.starts_with('/') && !url.starts_with('?') && has_scheme_without_host(url)) {
    return parts;
  }
  const std::size_t authority_end = path_begin(url);
  std::string_view authority = url.substr(0, authority_end);
  authority = authority.substr(authority.rfind('@') + 1);
  const auto host = without_port(authority);
  if (authority_end > 0 && !looks_like_host(host)) {
    return parts;
  }
  parts.host = host;
  std::transform(parts.host.begin(), parts.host.end(), parts.host.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  const auto rest = url.substr(authority_end);
  const auto question = rest.find('?');
  parts.path = rest.substr(0, question);
  if (question != std::string_view::npos) {
    parts.query = rest.substr(question + 1);
  }
  if (parts.path.empty() && !parts.host.empty()) {
    parts.path = "/";
  }
  return parts;
}

}  // namespace enrich
