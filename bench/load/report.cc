#include "load/report.h"

#include "json/writer.h"

#include <fmt/format.h>

#include <array>

namespace load {
namespace {

constexpr std::array<std::pair<std::string_view, double>, 4> kQuantiles = {
    {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}}};

double us(std::int64_t ns) { return static_cast<double>(ns) / 1000; }

double mean(std::uint64_t sum, std::uint64_t count) {
  return count == 0 ? 0 : static_cast<double>(sum) / static_cast<double>(count);
}

Count acknowledged(const Tally& tally) {
  Count out;
  for (const Count& count : tally.acknowledged) {
    out.add(count);
  }
  return out;
}

double a_second(std::uint64_t count, const Outcome& outcome) {
  return static_cast<double>(count) / outcome.seconds;
}

void write_apis(const Options& options, const Outcome& outcome, json::Writer& out) {
  out.key("apis").begin_object();
  for (const Api api : options.apis) {
    const Count& count = outcome.tally.acknowledged[static_cast<std::size_t>(api)];
    out.key(to_text(api)).begin_object();
    out.key("acknowledged_requests").integer(static_cast<std::int64_t>(count.requests));
    out.key("acknowledged_events").integer(static_cast<std::int64_t>(count.events));
    out.end_object();
  }
  out.end_object();
}

void write_latency(const Histogram& latency, json::Writer& out) {
  out.key("latency_us").begin_object();
  for (const auto& [name, share] : kQuantiles) {
    out.key(name).number(us(latency.quantile_ns(share)));
  }
  out.key("max").number(us(latency.max_ns()));
  out.end_object();
}

}  // namespace

std::string to_json(const Options& options, const Outcome& outcome) {
  const Tally& tally = outcome.tally;
  const Count good = acknowledged(tally);
  json::Writer out;
  const auto whole = [&out](std::string_view name, std::uint64_t number) {
    out.key(name).integer(static_cast<std::int64_t>(number));
  };
  out.begin_object();
  out.key("api").string(options.traffic);
  out.key("to").string(options.to_text);
  whole("batch", options.batch);
  whole("connections", options.connections);
  whole("threads", options.threads);
  out.key("seconds").number(outcome.seconds);
  out.key("warmup_seconds").number(options.warmup_seconds);
  if (options.rate) {
    out.key("rate").number(*options.rate);
  }
  whole("requests", tally.finished.requests);
  whole("events", tally.finished.events);
  whole("acknowledged_requests", good.requests);
  whole("acknowledged_events", good.events);
  whole("errors", tally.finished.requests - good.requests);
  out.key("statuses").begin_object();
  for (const auto& [status, count] : tally.statuses) {
    whole(std::to_string(status), count);
  }
  out.end_object();
  out.key("requests_per_s").number(a_second(good.requests, outcome));
  out.key("events_per_s").number(a_second(good.events, outcome));
  write_latency(tally.latency, out);
  out.key("generator_cpu_s").number(outcome.generator_cpu_s);
  out.key("generator_cpu_us_per_request")
      .number(outcome.generator_cpu_s * 1e6 * mean(1, tally.finished.requests));
  out.key("signing_us").number(outcome.signing_us);
  out.key("request_bytes_mean").number(mean(tally.request_bytes, tally.sent.requests));
  out.key("body_bytes_mean").number(mean(tally.body_bytes, tally.sent.requests));
  whole("sent_total_requests", tally.sent.requests);
  whole("sent_total_events", tally.sent.events);
  whole("acknowledged_total_requests", tally.acknowledged_total.requests);
  whole("acknowledged_total_events", tally.acknowledged_total.events);
  whole("unanswered_requests", tally.unanswered.requests);
  whole("unanswered_events", tally.unanswered.events);
  whole("unsent_requests", tally.unsent);
  whole("pushed_back", tally.pushed_back);
  whole("reconnects", tally.reconnects);
  write_apis(options, outcome, out);
  if (tally.first_error.empty()) {
    out.key("first_error").null();
  } else {
    out.key("first_error").string(tally.first_error);
  }
  out.key("run").string(outcome.run);
  out.key("sql_where").string(sql_where(options.apis, outcome.run));
  out.end_object();
  return std::move(out).text() + "\n";
}

std::string to_table(const Options& options, const Outcome& outcome) {
  const Tally& tally = outcome.tally;
  const Count good = acknowledged(tally);
  std::string out =
      fmt::format("{} to {}, batches of {}, {} connections, {} threads, {} s behind {} s{}\n\n",
                  options.traffic, options.to_text, options.batch, options.connections,
                  options.threads, outcome.seconds, options.warmup_seconds,
                  options.rate ? fmt::format(", {} requests/s wanted", *options.rate) : "");
  const auto row = [&out](std::string_view name, const std::string& value) {
    out += fmt::format("  {:<32}{:>16}\n", name, value);
  };
  row("acknowledged requests/s", fmt::format("{:.0f}", a_second(good.requests, outcome)));
  row("acknowledged events/s", fmt::format("{:.0f}", a_second(good.events, outcome)));
  for (const auto& [name, share] : kQuantiles) {
    row(fmt::format("latency {} us", name),
        fmt::format("{:.1f}", us(tally.latency.quantile_ns(share))));
  }
  row("latency max us", fmt::format("{:.1f}", us(tally.latency.max_ns())));
  row("request bytes, mean", fmt::format("{:.0f}", mean(tally.request_bytes, tally.sent.requests)));
  row("body bytes, mean", fmt::format("{:.0f}", mean(tally.body_bytes, tally.sent.requests)));
  row("generator CPU us/request",
      fmt::format("{:.2f}", outcome.generator_cpu_s * 1e6 * mean(1, tally.finished.requests)));
  row("generator CPU of one core",
      fmt::format("{:.0f} %", outcome.generator_cpu_s / outcome.seconds * 100));
  if (outcome.signing_us > 0) {
    row("of it signing us/signature", fmt::format("{:.2f}", outcome.signing_us));
  }
  row("acknowledged requests", std::to_string(good.requests));
  for (const auto& [status, count] : tally.statuses) {
    row(fmt::format("answered {}", status), std::to_string(count));
  }
  row("acknowledged events, all", std::to_string(tally.acknowledged_total.events));
  row("sent events, all", std::to_string(tally.sent.events));
  row("unanswered requests", std::to_string(tally.unanswered.requests));
  if (options.rate) {
    row("due and not sent", std::to_string(tally.unsent));
  }
  row("pushed back (429, 503)", std::to_string(tally.pushed_back));
  row("reconnects", std::to_string(tally.reconnects));
  if (!tally.first_error.empty()) {
    out += "\n  first error: " + tally.first_error + "\n";
  }
  if (options.to == Peer::kCatchment) {
    out += "\n  stored: SELECT count(*), count(DISTINCT event_id) FROM event WHERE " +
           sql_where(options.apis, outcome.run) + "\n";
  }
  return out;
}

}  // namespace load
