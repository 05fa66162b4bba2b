#pragma once
// Finds who answers a path, and takes a request target apart. Made once at start, read by every
// server thread.

#include "http/server.h"

#include <optional>
#include <string_view>
#include <vector>

namespace http {

/// A request target without scheme and authority. Lifetime: views into the target.
struct Target {
  std::string_view target;  ///< Path and query.
  std::string_view path;
  std::string_view query;
};

/// Takes origin form ("/path?query"), absolute form ("http://host/path") and, for OPTIONS, "*".
/// nullopt for anything else.
std::optional<Target> split_target(std::string_view method, std::string_view target);

class Router {
 public:
  /// `fallback` outlives the Router and answers what no route matches.
  Router(std::vector<Route> routes, Handler& fallback);

  /// The route of that path. A path that ends in "/" matches everything below it too; the longest
  /// match wins.
  [[nodiscard]] const Route& find(std::string_view path) const;

 private:
  std::vector<Route> routes_;  ///< Longest path first.
  Route fallback_;
};

}  // namespace http
