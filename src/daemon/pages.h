#pragma once
// The plain pages: what this is (/), /health, /metrics, and 404 for everything else.

#include "http/message.h"

#include <functional>
#include <memory>
#include <string>

namespace catchment {

/// What the pages show. Threads: called from every server thread.
struct PageSources {
  /// Empty while all is well, else why not; health then answers 503.
  std::function<std::string()> failure;
  std::function<std::string()> metrics_text;
};

/// The fallback of the HTTP server.
std::unique_ptr<http::Handler> make_pages(PageSources sources);

}  // namespace catchment
