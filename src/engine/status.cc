#include "engine/status.h"

#include "json/writer.h"
#include "metrics/exposition.h"

#include <fmt/format.h>

#include <map>
#include <utility>

namespace engine {
namespace {

std::int64_t signed_count(std::uint64_t count) { return static_cast<std::int64_t>(count); }

void write_line(json::Writer& out, const StatusLine& line) {
  out.begin_object().key("app_id").string(line.app_id).key("api").string(event::api_name(line.api));
  out.key("received").integer(signed_count(line.received));
  out.key("stored").integer(signed_count(line.stored));
  out.key("duplicate").integer(signed_count(line.duplicate));
  out.key("rejected").integer(signed_count(line.rejected));
  out.key("pending").integer(signed_count(line.pending)).end_object();
}

void write_journal(json::Writer& out, const journal::Stats& stats) {
  out.begin_object();
  out.key("last_position").integer(signed_count(stats.last_appended));
  out.key("durable_position").integer(signed_count(stats.last_durable));
  out.key("segments").integer(signed_count(stats.segments));
  out.key("bytes").integer(signed_count(stats.bytes));
  out.key("free_disk_bytes").integer(signed_count(stats.free_disk_bytes));
  out.key("syncs").integer(signed_count(stats.syncs));
  out.key("sync_us_last").integer(signed_count(stats.sync_us_last));
  out.key("queue_bytes").integer(signed_count(stats.queue_bytes)).end_object();
}

void write_store(json::Writer& out, const store::Stats& stats) {
  out.begin_object();
  out.key("visible_position").integer(signed_count(stats.visible));
  out.key("sealed_position").integer(signed_count(stats.sealed));
  out.key("event_rows").integer(signed_count(stats.event_rows));
  out.key("hot_rows").integer(signed_count(stats.hot_rows));
  out.key("hot_bytes").integer(signed_count(stats.hot_bytes));
  out.key("files").integer(signed_count(stats.files));
  out.key("file_bytes").integer(signed_count(stats.file_bytes)).end_object();
}

void write_balance(json::Writer& out, const AuditReport& audit) {
  out.begin_object().key("closes").boolean(audit.differences.empty()).key("checked_ms_ago");
  if (audit.checked_ago) {
    out.integer(audit.checked_ago->count());
  } else {
    out.null();
  }
  out.key("differences").begin_array();
  for (const Difference& difference : audit.differences) {
    out.string(to_text(difference));
  }
  out.end_array().end_object();
}

void write_canary(json::Writer& out, const audit::CanaryReport& canary) {
  out.begin_object().key("age_ms").integer(canary.age.count());
  out.key("latency_ms").integer(canary.latency.count());
  out.key("overdue").boolean(canary.overdue).end_object();
}

void canary_metrics(metrics::Exposition& out, const audit::CanaryReport& canary) {
  out.gauge("canary_age_seconds", "Age of the newest canary event that a query has shown.");
  out.sample(static_cast<std::uint64_t>(canary.age.count() / 1000));
  out.gauge("canary_latency_milliseconds", "From sending that event to its row in a query.");
  out.sample(static_cast<std::uint64_t>(canary.latency.count()));
}

std::string balance_text(const AuditReport& audit) {
  std::string out = "balance  ";
  if (!audit.checked_ago) {
    out += "not compared yet\n";
  } else {
    out += fmt::format("{}, compared {} s ago\n", audit.differences.empty() ? "closes" : "open",
                       audit.checked_ago->count() / 1000);
  }
  for (const Difference& difference : audit.differences) {
    out += "         " + to_text(difference) + "\n";
  }
  return out;
}

void balance_metrics(metrics::Exposition& out, const AuditReport& audit) {
  std::map<std::pair<std::string, event::Api>, std::uint64_t> sizes;
  for (const Difference& difference : audit.differences) {
    sizes[{difference.app_id, difference.api}] += difference.size();
  }
  out.gauge("balance_difference_events", "Events by which the books do not close.");
  for (const auto& [key, size] : sizes) {
    out.sample(size, {{"app", key.first}, {"api", event::api_name(key.second)}});
  }
  if (sizes.empty()) {
    out.sample(0);
  }
  if (audit.checked_ago) {
    out.gauge("balance_age_milliseconds", "Since everything was compared last.");
    out.sample(static_cast<std::uint64_t>(audit.checked_ago->count()));
  }
}

}  // namespace

StatusReport make_status(Pipeline& pipeline, registry::Registry& registry) {
  StatusReport report;
  std::map<std::pair<std::string, event::Api>, StatusLine> lines;
  const auto line_of = [&lines](const std::string& app_id, event::Api api) -> StatusLine& {
    StatusLine& line = lines[{app_id, api}];
    line.app_id = app_id;
    line.api = api;
    return line;
  };
  const Pipeline::Books books = pipeline.books();
  for (const auto& [key, units] : books.pending) {
    line_of(key.first, key.second).pending = units;
    report.lag_events += units;
  }
  for (const loader::BookLine& book : books.loaded) {
    StatusLine& line = line_of(book.app_id, book.api);
    line.stored = book.stored;
    line.duplicate = book.duplicate;
    line.rejected = book.rejected;
    line.received = book.received;
  }
  for (auto& [key, line] : lines) {
    line.received += line.pending;
    report.lines.push_back(line);
  }
  for (const registry::App& app : registry.snapshot()->apps()) {
    if (lines.lower_bound({app.id, event::Api::kClickstream}) ==
        lines.upper_bound({app.id, event::Api::kSegmentstream})) {
      report.lines.push_back({.app_id = app.id});
    }
  }
  report.journal = pipeline.journal_stats();
  report.store = pipeline.store().stats();
  report.lag_requests = report.journal.last_durable > report.store.visible
                            ? report.journal.last_durable - report.store.visible
                            : 0;
  report.lag_ms = report.lag_requests == 0 ? 0 : pipeline.lag_ms();
  report.audit = pipeline.audit();
  report.failure = pipeline.failure();
  return report;
}

std::string status_json(const StatusReport& report) {
  json::Writer out;
  out.begin_object().key("apps").begin_array();
  for (const StatusLine& line : report.lines) {
    write_line(out, line);
  }
  out.end_array().key("journal");
  write_journal(out, report.journal);
  out.key("loader").begin_object();
  out.key("lag_events").integer(signed_count(report.lag_events));
  out.key("lag_requests").integer(signed_count(report.lag_requests));
  out.key("lag_ms").integer(signed_count(report.lag_ms)).end_object();
  out.key("store");
  write_store(out, report.store);
  if (report.audit) {
    out.key("balance");
    write_balance(out, *report.audit);
    if (report.audit->canary) {
      out.key("canary");
      write_canary(out, *report.audit->canary);
    }
  }
  out.key("healthy").boolean(report.failure.empty());
  if (!report.failure.empty()) {
    out.key("failure").string(report.failure);
  }
  out.end_object();
  return std::move(out).text();
}

std::string status_text(const StatusReport& report) {
  std::string out = fmt::format("{:<24} {:<17} {:>12} {:>12} {:>10} {:>10} {:>8}\n", "application",
                                "api", "received", "stored", "duplicate", "rejected", "pending");
  for (const StatusLine& line : report.lines) {
    out += fmt::format("{:<24} {:<17} {:>12} {:>12} {:>10} {:>10} {:>8}\n", line.app_id,
                       line.received == 0 ? "-" : event::api_name(line.api), line.received,
                       line.stored, line.duplicate, line.rejected, line.pending);
  }
  constexpr double kMiB = 1024.0 * 1024.0;
  out += fmt::format("\njournal  position {}, {} segments, {:.1f} MiB, {:.1f} GiB disk free\n",
                     report.journal.last_durable, report.journal.segments,
                     static_cast<double>(report.journal.bytes) / kMiB,
                     static_cast<double>(report.journal.free_disk_bytes) / kMiB / 1024.0);
  out += fmt::format("loader   {} requests behind, {} ms\n", report.lag_requests, report.lag_ms);
  out += fmt::format("store    {} events, {} rows in memory, {} files, {:.1f} MiB\n",
                     report.store.event_rows, report.store.hot_rows, report.store.files,
                     static_cast<double>(report.store.file_bytes) / kMiB);
  if (report.audit) {
    out += balance_text(*report.audit);
    if (report.audit->canary) {
      out +=
          fmt::format("canary   {} s old, took {} ms\n", report.audit->canary->age.count() / 1000,
                      report.audit->canary->latency.count());
    }
  }
  out += "health   " + (report.failure.empty() ? std::string("ok") : report.failure) + "\n";
  return out;
}

std::string metrics_text(const StatusReport& report, const http::Stats* http) {
  metrics::Exposition out;
  out.counter("loader_events_received_total",
              "Events and profile records that were answered: what became of them and pending.");
  for (const StatusLine& line : report.lines) {
    out.sample(line.received, {{"app", line.app_id}, {"api", event::api_name(line.api)}});
  }
  out.counter("loader_events_total", "Events and profile records by what became of them.");
  for (const StatusLine& line : report.lines) {
    const std::string_view api = event::api_name(line.api);
    out.sample(line.stored, {{"app", line.app_id}, {"api", api}, {"outcome", "stored"}});
    out.sample(line.duplicate, {{"app", line.app_id}, {"api", api}, {"outcome", "duplicate"}});
    out.sample(line.rejected, {{"app", line.app_id}, {"api", api}, {"outcome", "rejected"}});
  }
  out.gauge("loader_events_pending", "Events and profile records answered but not loaded.");
  for (const StatusLine& line : report.lines) {
    out.sample(line.pending, {{"app", line.app_id}, {"api", event::api_name(line.api)}});
  }
  out.gauge("loader_lag_events", "Events answered but not loaded.").sample(report.lag_events);
  out.gauge("loader_lag_milliseconds", "Age of the oldest request that is not loaded.");
  out.sample(report.lag_ms);
  out.gauge("journal_position", "Position of the last durable request.");
  out.sample(report.journal.last_durable);
  out.gauge("journal_bytes", "Size of the journal.").sample(report.journal.bytes);
  out.gauge("journal_disk_free_bytes", "Free disk below the journal.");
  out.sample(report.journal.free_disk_bytes);
  out.counter("journal_syncs_total", "Syncs of the journal.").sample(report.journal.syncs);
  out.gauge("journal_sync_microseconds", "How long the last sync took.");
  out.sample(report.journal.sync_us_last);
  out.gauge("store_event_rows", "Rows of the table event.").sample(report.store.event_rows);
  out.gauge("store_hot_rows", "Rows that are in memory only.").sample(report.store.hot_rows);
  out.gauge("store_file_bytes", "Size of the Parquet files.").sample(report.store.file_bytes);
  if (report.audit) {
    balance_metrics(out, *report.audit);
    if (report.audit->canary) {
      canary_metrics(out, *report.audit->canary);
    }
  }
  out.gauge("health_ok", "1 while healthy.").sample(report.failure.empty() ? 1 : 0);
  if (http != nullptr) {
    out.gauge("http_connections", "Open connections.").sample(http->connections);
    out.counter("http_requests_total", "Requests read.").sample(http->requests_total);
    out.counter("http_bad_requests_total", "Requests refused before an API saw them.");
    out.sample(http->bad_requests_total);
    out.counter("http_connections_refused_total", "Connections beyond the limit.");
    out.sample(http->connections_refused_total);
  }
  return std::move(out).text();
}

}  // namespace engine
