#include "http/router.h"

#include "http/message.h"

#include <algorithm>
#include <utility>

namespace http {
namespace {

/// What follows "http://host" or "https://host"; nullopt when `target` is not of that form.
std::optional<std::string_view> behind_authority(std::string_view target) {
  for (const std::string_view scheme :
       {std::string_view("http://"), std::string_view("https://")}) {
    if (target.size() > scheme.size() &&
        equal_ignoring_case(target.substr(0, scheme.size()), scheme)) {
      const auto rest = target.substr(scheme.size());
      const auto end = rest.find_first_of("/?");
      if (end == 0) {
        return std::nullopt;
      }
      return end == std::string_view::npos ? std::string_view{} : rest.substr(end);
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Target> split_target(std::string_view method, std::string_view target) {
  if (target == "*") {
    return method == "OPTIONS" ? std::optional<Target>({target, target, {}}) : std::nullopt;
  }
  if (!target.starts_with('/')) {
    const auto rest = behind_authority(target);
    if (!rest) {
      return std::nullopt;
    }
    target = rest->empty() ? std::string_view("/") : *rest;
  }
  const auto question = target.find('?');
  Target parts{target, target.substr(0, question), {}};
  if (question != std::string_view::npos) {
    parts.query = target.substr(question + 1);
  }
  if (parts.path.empty()) {
    parts.path = "/";
  }
  return parts;
}

Router::Router(std::vector<Route> routes, Handler& fallback)
    : routes_(std::move(routes)), fallback_{.path = "", .handler = &fallback} {
  std::sort(routes_.begin(), routes_.end(), [](const Route& left, const Route& right) {
    return left.path.size() > right.path.size();
  });
}

const Route& Router::find(std::string_view path) const {
  for (const Route& route : routes_) {
    if (path == route.path || (route.path.ends_with('/') && path.starts_with(route.path))) {
      return route;
    }
  }
  return fallback_;
}

}  // namespace http
