// What it costs to read a request off the wire, without the wire: finding the end of its head,
// reading the head, and gathering the body in the blocks it arrives in.

#include "http/body.h"
#include "http/head.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace http {
namespace {

constexpr std::size_t kBlock = std::size_t{16} << 10U;

/// As a browser's page sends events.
std::string web_request(std::size_t body_bytes) {
  return "POST /collect?platform=Web&appId=shop&hashCode=2c36fa6f&event_bundle_sequence_id=4 "
         "HTTP/1.1\r\n"
         "Host: collect.shop.example\r\nConnection: keep-alive\r\nContent-Length: " +
         std::to_string(body_bytes) +
         "\r\nsec-ch-ua-platform: \"macOS\"\r\nUser-Agent: Mozilla/5.0 (Macintosh; Intel Mac OS X "
         "10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36\r\n"
         "Content-Type: application/json; charset=utf-8\r\nAccept: */*\r\n"
         "Origin: https://shop.example\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: cors\r\n"
         "Referer: https://shop.example/\r\nAccept-Encoding: gzip, deflate, br\r\n"
         "Accept-Language: en-US,en;q=0.9\r\n\r\n" +
         std::string(body_bytes, 'x');
}

void take_body(std::string_view from, std::size_t total, Body& body) {
  while (body.size() < total) {
    if (!body.make_room(1, total)) {
      std::abort();
    }
    const std::span<char> space = body.free_space(total);
    const std::size_t now = std::min({space.size(), from.size(), kBlock});
    std::memcpy(space.data(), from.data(), now);
    body.added(now);
    from.remove_prefix(now);
  }
}

void head_and_body(benchmark::State& state) {
  const std::string request = web_request(static_cast<std::size_t>(state.range(0)));
  BodyMemory memory(std::size_t{256} << 20U);
  Body body(memory);
  Head head;
  for (auto _ : state) {
    const HeadScan scan = find_head_end(request, 0);
    if (scan.end == 0 || parse_head(std::string_view(request).substr(0, scan.end), head)) {
      state.SkipWithError("the request is refused");
      return;
    }
    take_body(std::string_view(request).substr(scan.end), head.content_length, body);
    benchmark::DoNotOptimize(body.view());
    body.clear();
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(request.size()));
}
BENCHMARK(head_and_body)->ArgName("body_bytes")->Arg(0)->Arg(1'000)->Arg(10'000)->Arg(100'000);

}  // namespace
}  // namespace http
