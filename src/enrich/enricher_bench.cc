// What completing an event costs in the loader: a page view of the Web SDK, by what it says of
// where its visitor came from, and an event of an app, which says nothing.

#include "enrich/enrich.h"

#include <benchmark/benchmark.h>

#include <memory>
#include <string>

namespace enrich {
namespace {

event::Event app_event() {
  event::Event event;
  event.api = event::Api::kClickstream;
  event.received_at = 1'700'000'000'000'000;
  event.event_timestamp = 1'700'000'000'000'000;
  event.ip = "192.0.2.9";
  event.user_agent = "okhttp/4.9.3";
  return event;
}

event::Event page_view(std::string query, std::string referrer, std::string referrer_host) {
  event::Event event = app_event();
  event.page_url = "https://shop.example/product/17" + query;
  event.page_referrer = "https://shop.example/";
  event.latest_referrer = std::move(referrer);
  event.latest_referrer_host = std::move(referrer_host);
  return event;
}

void complete(benchmark::State& state, const event::Event& event) {
  const auto opened = Enricher::open({});
  for (auto _ : state) {
    event::Event copy = event;
    (*opened)->complete(copy);
    benchmark::DoNotOptimize(copy);
  }
}

/// What the others do besides.
void copy_only(benchmark::State& state) {
  const event::Event event = page_view("?utm_source=news", "https://www.google.com/", "");
  for (auto _ : state) {
    event::Event copy = event;
    benchmark::DoNotOptimize(copy);
  }
}
BENCHMARK(copy_only);

void app(benchmark::State& state) { complete(state, app_event()); }
BENCHMARK(app);

void direct(benchmark::State& state) { complete(state, page_view("", "", "")); }
BENCHMARK(direct);

void search_engine(benchmark::State& state) {
  complete(state, page_view("", "https://www.google.com/", "www.google.com"));
}
BENCHMARK(search_engine);

void campaign(benchmark::State& state) {
  complete(state,
           page_view("?utm_source=news&utm_medium=email&utm_campaign=May&gclid=Cj0K", "", ""));
}
BENCHMARK(campaign);

void unknown_referrer(benchmark::State& state) {
  complete(state,
           page_view("?page=2", "https://blog.other.example/post/12?ref=x", "blog.other.example"));
}
BENCHMARK(unknown_referrer);

}  // namespace
}  // namespace enrich
