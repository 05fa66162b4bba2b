#include "api/clickstream/batch.h"

#include "api/clickstream/measure.h"
#include "json/lenient.h"

#include <utility>

namespace api::clickstream {
namespace {

/// Each event and item becomes a row of many columns, however short its text is: packed, a request
/// could ask for millions. Unpacked ones of 1 MiB stay below.
constexpr std::size_t kRowsMax = 20'000;
/// What a request says once stands in the row of each of its events.
constexpr std::size_t kRepeatedBytesMax = std::size_t{64} << 20U;

std::size_t count_rows(const std::vector<json::Value>& units) {
  std::size_t rows = units.size();
  for (const json::Value unit : units) {
    rows += unit["items"].size();
  }
  return rows;
}

std::optional<Problem> read_name(json::Value unit, std::string_view key, std::string_view& out) {
  const json::Value value = unit[key];
  if (!value || value.is_null()) {
    return Problem{"missing_field", std::string(key) + " is " + std::string(json::describe(value))};
  }
  const std::optional<std::string_view> text = value.string();
  if (!text) {
    return Problem{"wrong_type", std::string(key) + " must be a string, it is " +
                                     std::string(json::describe(value))};
  }
  if (text->empty()) {
    return Problem{"missing_field", std::string(key) + " is an empty string"};
  }
  out = *text;
  return std::nullopt;
}

std::optional<Problem> read_timestamp(json::Value unit, std::int64_t& timestamp_us) {
  const json::Value value = unit["timestamp"];
  if (!value || value.is_null()) {
    return Problem{"missing_field", "timestamp is " + std::string(json::describe(value))};
  }
  const std::optional<double> number = json::read_double(value);
  if (!number) {
    return Problem{"wrong_type", "timestamp must be a number of milliseconds since 1970, it is " +
                                     (value.is_string() ? json::quote_short(*value.string())
                                                        : std::string(json::describe(value)))};
  }
  const std::optional<std::int64_t> time_us = read_time_us(value);
  if (!time_us) {
    return Problem{"timestamp_out_of_range",
                   "timestamp " + json::quote_short(json::to_text(value)) +
                       " is not a number of milliseconds between the years 1 and 9999"};
  }
  timestamp_us = *time_us;
  return std::nullopt;
}

}  // namespace

Batch open_batch(const event::Record& record) {
  Batch batch;
  base::Result<BodyText> body = unwrap_body(record.header("content-encoding"), record.body);
  if (!body) {
    const bool too_large = body.error().code == base::Code::kTooLarge;
    batch.failure = Problem{too_large ? "body_too_large_unpacked" : "body_not_unpackable",
                            "the body cannot be unpacked: " + body.error().message};
    return batch;
  }
  batch.body = *std::move(body);
  return batch;
}

void read_units(const event::Record& record, Batch& batch) {
  if (!batch.body || batch.body->text().find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return;
  }
  base::Result<json::Document> document = json::Document::parse(batch.body->text());
  if (!document) {
    batch.failure = Problem{
        "invalid_json", "the body is neither JSON nor base64 of gzip: " + document.error().message};
    return;
  }
  batch.document = *std::move(document);
  const json::Value root = batch.document->root();
  if (root.is_object()) {
    batch.units.push_back(root);
  } else if (root.is_array()) {
    for (const json::Value unit : root.elements()) {
      batch.units.push_back(unit);
    }
  } else {
    batch.failure = Problem{"not_events", "the body must be an array of events, it is " +
                                              std::string(json::describe(root))};
  }
  if (!batch.failure) {
    batch.failure = check_proportion(record, batch.units.size(), count_rows(batch.units));
  }
}

Batch read_batch(const event::Record& record) {
  Batch batch = open_batch(record);
  read_units(record, batch);
  return batch;
}

std::optional<Problem> check_proportion(const event::Record& record, std::size_t units,
                                        std::size_t rows) {
  if (rows > kRowsMax) {
    return Problem{"too_many_events", std::to_string(rows) + " events and items, at most " +
                                          std::to_string(kRowsMax) + " are taken in a request"};
  }
  const std::size_t repeated =
      record.user_agent.size() + record.query().size() + record.header("x-forwarded-for").size();
  if (repeated * units > kRepeatedBytesMax) {
    return Problem{"too_many_events", "the user agent and the query are too long for " +
                                          std::to_string(units) + " events"};
  }
  return std::nullopt;
}

std::optional<Problem> read_required(json::Value unit, Required& required) {
  if (!unit.is_object()) {
    return Problem{"not_an_event",
                   "an event must be an object, it is " + std::string(json::describe(unit))};
  }
  // app_id first: a rejection is booked to the event's own application where it names one.
  std::optional<Problem> app = read_name(unit, "app_id", required.app_id);
  if (std::optional<Problem> problem = read_name(unit, "event_type", required.event_type)) {
    return problem;
  }
  if (std::optional<Problem> problem = read_name(unit, "event_id", required.event_id)) {
    return problem;
  }
  if (std::optional<Problem> problem = read_timestamp(unit, required.timestamp_us)) {
    return problem;
  }
  return app;
}

}  // namespace api::clickstream
