#include "daemon/pages.h"

#include "json/writer.h"

namespace catchment {
namespace {

constexpr std::string_view kFrontPage = R"(<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Catchment</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem;
       color: #1c2733; background: #fff; }
code { background: #eef2f5; padding: 0 .25rem; border-radius: 3px; }
@media (prefers-color-scheme: dark) {
  body { color: #dde5ec; background: #14191e; } code { background: #263038; } }
</style>
<h1>Catchment is up</h1>
<p>This server collects product-analytics events: Clickstream, CleverTap upload, Mobile Analytics
and SegmentStream. Every accepted event is on disk before it is answered, and can be queried in SQL
within a second.</p>
<p><code>catchment app show APP</code> prints the endpoints and a line of code for each SDK;
<code>catchment sql "SELECT * FROM event LIMIT 10"</code> shows what arrived. The documentation is
in the folder <code>docs</code> of the source tree.</p>
<p>Machines look at <a href="/health">/health</a> and <a href="/metrics">/metrics</a>.</p>
</html>
)";

http::Reply text_reply(int status, std::string type, std::string body) {
  http::Reply reply;
  reply.status = status;
  reply.add("Content-Type", std::move(type));
  reply.body = std::move(body);
  return reply;
}

class Pages final : public http::Handler {
 public:
  explicit Pages(PageSources sources) : sources_(std::move(sources)) {}

  void handle(const http::Request& request, http::Responder respond) override {
    respond(answer(request));
  }

 private:
  [[nodiscard]] http::Reply answer(const http::Request& request) const {
    const bool reads = request.method == "GET" || request.method == "HEAD";
    if (reads && request.path == "/") {
      return text_reply(200, "text/html; charset=utf-8", std::string(kFrontPage));
    }
    if (reads && request.path == "/health") {
      return health();
    }
    if (reads && request.path == "/metrics") {
      return text_reply(200, "text/plain; version=0.0.4; charset=utf-8", sources_.metrics_text());
    }
    return text_reply(404, "text/plain; charset=utf-8", "there is nothing at this path\n");
  }

  [[nodiscard]] http::Reply health() const {
    const std::string failure = sources_.failure();
    if (failure.empty()) {
      return text_reply(200, "application/json", "{\"ok\":true}");
    }
    return text_reply(503, "application/json",
                      "{\"ok\":false,\"reason\":" + json::quote(failure) + "}");
  }

  const PageSources sources_;
};

}  // namespace

std::unique_ptr<http::Handler> make_pages(PageSources sources) {
  return std::make_unique<Pages>(std::move(sources));
}

}  // namespace catchment
