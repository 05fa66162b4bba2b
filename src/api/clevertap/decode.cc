#include "api/clevertap/decode.h"

#include "api/clevertap/envelope.h"
#include "api/clevertap/event_record.h"
#include "api/clevertap/limits.h"
#include "api/clevertap/problem.h"
#include "api/clevertap/profile_record.h"
#include "base/result.h"
#include "codec/compression.h"
#include "codec/hash.h"
#include "event/imported.h"
#include "json/value.h"
#include "json/writer.h"

#include <cstdint>
#include <utility>

namespace api::clevertap {
namespace {

constexpr codec::UnpackLimits kUnpackLimits{.bytes_max = std::size_t{32} << 20U, .ratio_max = 1000};

base::Result<std::string> read_body(const event::Record& record) {
  return codec::decode_content(record.header("content-encoding"), record.body, kUnpackLimits);
}

RequestFacts read_facts(const event::Record& record) {
  RequestFacts facts;
  facts.app_id = record.app_id;
  facts.received_us = base::to_us(record.received_at);
  facts.peer_ip = record.peer_ip;
  facts.user_agent = json::make_utf8(record.user_agent);
  facts.idempotency_key = record.note("idempotency_key").value_or("");
  facts.lenient = record.note("limits") == "lenient";
  facts.imported = record.note(event::kImportedFromNote).has_value();
  const std::optional<std::string_view> refused = record.note("refused_event_types");
  if (!refused) {
    return facts;
  }
  if (const auto names = json::Document::parse(*refused)) {
    for (const json::Value name : names->root().elements()) {
      facts.refused_types.insert(json::to_text(name));
    }
  }
  return facts;
}

/// A repeated request gives the same ids, so that its records count once also when the answer is no
/// longer remembered, or not yet again after a crash. The record is part of it: a key used again
/// for other records loses nothing.
std::string make_id(std::string_view key, std::size_t index, json::Value record) {
  json::Writer writer;
  writer.reserve(record)
      .begin_array()
      .string(key)
      .integer(static_cast<std::int64_t>(index))
      .value(record);
  writer.end_array();
  return codec::to_hex(codec::hash128(writer.text()));
}

/// Of an imported record, without what the export says of person and session besides: that changes
/// from one export to the next.
std::string make_import_id(std::uint32_t ordinal, json::Value record) {
  json::Writer writer;
  writer.begin_array().string("import").integer(ordinal).begin_object();
  for (const auto [key, value] : record.members()) {
    if (key != "profile" && key != "session_props") {
      writer.key(key).value(value);
    }
  }
  writer.end_object().end_array();
  return codec::to_hex(codec::hash128(writer.text()));
}

/// What gives records ids, where they have any.
struct IdSource {
  std::string_view idempotency_key;
  event::Ordinals ordinals;

  [[nodiscard]] std::string id_of(std::size_t index, json::Value record) const {
    // The same record of another export is the same, wherever it stands there.
    if (const auto ordinal = ordinals.of(index)) {
      return make_import_id(*ordinal, record);
    }
    return idempotency_key.empty() ? std::string() : make_id(idempotency_key, index, record);
  }
};

std::optional<Problem> decode_one(json::Value record, const RequestFacts& facts, std::string id,
                                  event::Decoded& decoded) {
  Envelope envelope;
  std::optional<Problem> problem = read_envelope(record, facts, envelope);
  if (problem) {
    return problem;
  }
  if (envelope.kind == Kind::kEvent) {
    event::Event& event = decoded.events.emplace_back();
    problem = read_event(record, facts, envelope, event);
    if (problem) {
      decoded.events.pop_back();
    } else {
      event.event_id = std::move(id);
    }
    return problem;
  }
  event::ProfileChange change;
  problem = envelope.kind == Kind::kProfile ? read_profile(record, facts, envelope, change)
                                            : read_token(record, facts, envelope, change);
  if (!problem) {
    change.change_id = std::move(id);
    decoded.profiles.push_back(std::move(change));
  }
  return problem;
}

std::size_t count_events(json::Value records) {
  std::size_t events = 0;
  for (const json::Value record : records.elements()) {
    events += record["type"].string() == "event" ? 1U : 0U;
  }
  return events;
}

event::Decoded decode_all(json::Value records, const RequestFacts& facts, const IdSource& ids) {
  event::Decoded decoded;
  std::size_t index = 0;
  decoded.events.reserve(count_events(records));
  for (const json::Value record : records.elements()) {
    if (const std::optional<Problem> problem =
            decode_one(record, facts, ids.id_of(index, record), decoded)) {
      event::Rejection& rejection = decoded.rejections.emplace_back();
      rejection.index = static_cast<std::uint32_t>(index);
      rejection.code = std::to_string(problem->code);
      rejection.reason = error_text(*problem, index);
      rejection.record = json::write(record);
    }
    ++index;
  }
  return decoded;
}

/// Rows that the records make: each item of a record is one too, however short its text.
std::size_t count_rows(json::Value records) {
  std::size_t rows = records.size();
  for (const json::Value record : records.elements()) {
    rows += record["evtData"]["Items"].size();
  }
  return rows;
}

std::optional<Refusal> check_batch(json::Value root, bool lenient) {
  constexpr std::string_view kMalformed = "malformed_request";
  if (!root.is_object()) {
    return Refusal{kMalformed, "the body must be an object with the key \"d\""};
  }
  const json::Value records = root["d"];
  if (!records.is_array()) {
    return Refusal{kMalformed, records ? "\"d\" must be an array of records"
                                       : "the key \"d\", an array of records, is missing"};
  }
  if (records.size() > kRecordsMax && !lenient) {
    return Refusal{"too_many_records", std::to_string(records.size()) + " records, at most " +
                                           std::to_string(kRecordsMax) +
                                           " are allowed in one request"};
  }
  if (const std::size_t rows = count_rows(records); rows > kRowsMax) {
    return Refusal{"too_many_records", std::to_string(rows) + " records and items, at most " +
                                           std::to_string(kRowsMax) + " are taken in one request"};
  }
  return std::nullopt;
}

event::Decoded reject_request(const event::Record& record, std::string_view code,
                              std::string_view reason) {
  event::Decoded decoded;
  event::Rejection& rejection = decoded.rejections.emplace_back();
  rejection.code = std::string(code);
  rejection.reason = json::make_utf8(reason);
  const base::Result<std::string> body = read_body(record);
  rejection.record = json::make_utf8(body ? std::string_view(*body) : record.body);
  return decoded;
}

}  // namespace

Verdict examine(const event::Record& record) {
  Verdict verdict;
  const base::Result<std::string> body = read_body(record);
  if (!body) {
    verdict.refusal = Refusal{"malformed_request", body.error().message};
    return verdict;
  }
  const base::Result<json::Document> document = json::Document::parse(*body);
  if (!document) {
    verdict.refusal = Refusal{"malformed_request", document.error().message};
    return verdict;
  }
  const RequestFacts facts = read_facts(record);
  verdict.refusal = check_batch(document->root(), facts.lenient);
  if (!verdict.refusal) {
    verdict.decoded =
        decode_all(document->root()["d"], facts, {facts.idempotency_key, event::Ordinals(record)});
  }
  return verdict;
}

event::Decoded decode(const event::Record& record) {
  if (record.kind == event::RecordKind::kRefused) {
    return reject_request(record, record.note("code").value_or("refused"),
                          record.note("reason").value_or("refused"));
  }
  Verdict verdict = examine(record);
  if (verdict.refusal) {
    return reject_request(record, verdict.refusal->code, verdict.refusal->reason);
  }
  return std::move(verdict.decoded);
}

}  // namespace api::clevertap
