#pragma once
// The parts of a page's address that become columns. Pure functions on text from clients: whatever
// comes, there is an answer.

#include <string>
#include <string_view>

namespace enrich {

/// Lifetime: views into the URL, but for the host.
struct UrlParts {
  std::string host;        ///< Lower case, without port and user.
  std::string_view path;   ///< As in the URL; "/" when there is a host but no path.
  std::string_view query;  ///< Behind "?", without "#...".
};

/// Takes "https://host:port/path?query#fragment", also without scheme. What does not look like a
/// URL ("about:blank", text with spaces before the path) has no parts.
UrlParts split_url(std::string_view url);

}  // namespace enrich
