#include "api/mobile_analytics/batch.h"

#include "api/mobile_analytics/client.h"
#include "codec/compression.h"
#include "json/writer.h"

namespace api::mobile_analytics {
namespace {

/// The ratio needs no guard of its own where the result is this small.
constexpr codec::UnpackLimits kUnpackLimits{kPayloadBytesMax, 1'000'000};

std::optional<Problem> unpack(const event::Record& record, std::string& out) {
  base::Result<std::string> unpacked =
      codec::decode_content(record.header(kContentEncodingHeader), record.body, kUnpackLimits);
  if (unpacked && unpacked->size() <= kPayloadBytesMax) {
    out = *std::move(unpacked);
    return std::nullopt;
  }
  if (unpacked || unpacked.error().code == base::Code::kTooLarge) {
    return Problem{kTooLarge, "The payload exceeds 1024 KB."};
  }
  return Problem{kInvalidEncoding,
                 "The body cannot be unpacked: " + unpacked.error().message + "."};
}

}  // namespace

std::optional<Problem> read_batch(const event::Record& record, const Rules& rules, Batch& out) {
  if (record.body.empty()) {
    return Problem{kNothingSent, "The body is empty; an object with events is required."};
  }
  std::string text;
  if (std::optional<Problem> problem = unpack(record, text)) {
    return problem;
  }
  base::Result<json::Document> document = json::Document::parse(text);
  if (!document) {
    return Problem{kInvalidJson, "The body is not valid JSON: " + document.error().message + "."};
  }
  out.document = *std::move(document);
  const json::Value root = out.document->root();
  if (!root.is_object()) {
    return Problem{kInvalidJson, "The body must be a JSON object with events."};
  }
  const json::Value events = root["events"];
  if (!events.is_array()) {
    return Problem{kInvalidBody, events ? "events must be an array." : "events is required."};
  }
  if (events.size() == 0 && rules.batch_has_events) {
    return Problem{kNothingSent, "events must hold at least one event."};
  }
  out.events.reserve(events.size());
  for (const json::Value event : events.elements()) {
    out.events.push_back(event);
  }
  return std::nullopt;
}

std::string readable_body(const event::Record& record) {
  std::string text;
  return json::make_utf8(unpack(record, text) ? record.body : std::string_view(text));
}

}  // namespace api::mobile_analytics
