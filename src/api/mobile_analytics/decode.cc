#include "api/mobile_analytics/decode.h"

#include "api/mobile_analytics/batch.h"
#include "api/mobile_analytics/context.h"
#include "api/mobile_analytics/glance.h"
#include "api/mobile_analytics/row.h"
#include "api/mobile_analytics/validation.h"
#include "codec/hash.h"
#include "event/imported.h"
#include "json/writer.h"

#include <map>
#include <set>
#include <utility>

namespace api::mobile_analytics {
namespace {

/// Every row repeats the context and the user agent. A batch of tiny events under 16 kB of them
/// would fill the loader's memory; no client comes near this.
constexpr std::size_t kRowBytesMax = std::size_t{64} << 20U;

const Rules& rules_of(const Context& context) {
  return context.published_client ? kPublishedClient : kLetter;
}

Validation validation_of(const event::Record& record, const Context& context) {
  return {rules_of(context),
          record.note(kLimitsNote) == "lenient" ? LimitAction::kMark : LimitAction::kRefuse};
}

std::optional<bool> noted_client(const event::Record& record) {
  const std::optional<std::string_view> note = record.note(kClientNote);
  return note ? std::optional<bool>(*note == "published") : std::nullopt;
}

bool is_too_long(const event::Record& record, const Context& context, std::size_t events) {
  const std::size_t repeated = context.json.size() + record.user_agent.size();
  return events * repeated > kRowBytesMax;
}

std::optional<Problem> read_events(const event::Record& record, const Context& context,
                                   Batch& batch) {
  std::optional<Problem> problem = read_batch(record, rules_of(context), batch);
  if (!problem && is_too_long(record, context, batch.events.size())) {
    problem = Problem{kTooLarge, "The client context is too long for this many events."};
  }
  return problem;
}

std::set<std::string, std::less<>> noted_types(const event::Record& record) {
  std::set<std::string, std::less<>> out;
  const std::optional<std::string_view> note = record.note(kTypesOverNote);
  if (!note) {
    return out;
  }
  if (const auto list = json::Document::parse(*note)) {
    for (const json::Value type : list->root().elements()) {
      out.emplace(type.string().value_or(""));
    }
  }
  return out;
}

/// Ids made of what an event says and how often its batch has said it already: an event that is
/// sent again, in whatever batch, is the same event; equal events of one batch are not.
class EventIds {
 public:
  explicit EventIds(const event::Record& record) : imported_(record) {}

  std::string next(std::string fingerprint, std::size_t index) {
    const codec::Hash128 hash = codec::hash128(fingerprint);
    const std::uint32_t ordinal = imported_.of(index).value_or(seen_[hash]++);
    if (ordinal == 0) {
      return codec::to_hex(hash);
    }
    fingerprint += '#';
    fingerprint += std::to_string(ordinal);
    return codec::to_hex(codec::hash128(fingerprint));
  }

 private:
  const event::Ordinals imported_;  // of an export, which may have parted a batch
  std::map<codec::Hash128, std::uint32_t> seen_;
};

event::Rejection reject(const event::Record& record, std::string_view code, std::string_view reason,
                        std::string unit) {
  event::Rejection rejection;
  rejection.app_id = record.app_id;
  rejection.code = code;
  rejection.reason = json::make_utf8(reason);
  rejection.record = std::move(unit);
  return rejection;
}

std::string at_event(std::size_t index, const std::string& reason) {
  return "events[" + std::to_string(index) + "]" + (reason.starts_with("must") ? " " : ".") +
         reason;
}

void decode_events(const event::Record& record, const Context& context, const Batch& batch,
                   event::Decoded& out) {
  const event::Event common = common_columns(record, context);
  const Validation validation = validation_of(record, context);
  const std::set<std::string, std::less<>> types_over = noted_types(record);
  EventIds ids(record);
  out.events.reserve(batch.events.size());
  for (std::size_t i = 0; i < batch.events.size(); ++i) {
    const json::Value source = batch.events[i];
    event::Marks marks;
    if (const std::optional<std::string> refusal = check_event(source, validation, marks)) {
      out.rejections.push_back(
          reject(record, kInvalidEvent, at_event(i, *refusal), json::write(source)));
      out.rejections.back().index = static_cast<std::uint32_t>(i);
      continue;
    }
    if (types_over.contains(source["eventType"].string().value_or(""))) {
      marks.add("the application has more than " + std::to_string(kCustomTypesMax) +
                " custom event types; this one is left out of reports");
    }
    marks.add_repairs(context.repairs, "client context: ");
    marks.add_repairs(source.repairs());
    event::Event& row = out.events.emplace_back(common);
    fill_row(source, marks, row);
    row.event_id = ids.next(fingerprint(row, source), i);
  }
}

/// The first refusal, unless bad events are put aside; the types of the events that are stored.
void inspect_events(const event::Record& record, const Context& context, const Batch& batch,
                    Inspection& out) {
  const Validation validation = validation_of(record, context);
  const bool quarantine = record.note(kLimitsNote) == "quarantine";
  std::set<std::string_view> types;
  for (std::size_t i = 0; i < batch.events.size(); ++i) {
    event::Marks marks;
    const std::optional<std::string> refusal = check_event(batch.events[i], validation, marks);
    if (refusal && !quarantine) {
      out.problem = Problem{kInvalidEvent, at_event(i, *refusal) + "."};
      return;
    }
    const std::string_view type = batch.events[i]["eventType"].string().value_or("");
    if (!refusal && is_custom(type)) {
      types.insert(type);
    }
  }
  out.custom_types.assign(types.begin(), types.end());
}

}  // namespace

event::Decoded decode(const event::Record& record) {
  event::Decoded out;
  if (record.kind == event::RecordKind::kRefused) {
    out.rejections.push_back(reject(record, record.note("code").value_or("refused"),
                                    record.note("reason").value_or("refused"),
                                    readable_body(record)));
    return out;
  }
  Context context;
  Batch batch;
  std::optional<Problem> problem = read_context(record, noted_client(record), context);
  if (!problem) {
    problem = read_events(record, context, batch);
  }
  if (problem) {
    if (problem->code != kNothingSent) {
      out.rejections.push_back(
          reject(record, problem->code, problem->reason, readable_body(record)));
    }
    return out;
  }
  decode_events(record, context, batch, out);
  return out;
}

Inspection inspect(const event::Record& record) {
  Inspection out;
  Context context;
  Batch batch;
  out.problem = read_context(record, noted_client(record), context);
  out.published_client = context.published_client;
  out.app_id = context.app_id;
  if (out.problem) {
    return out;
  }
  out.context_read = true;
  if (const std::optional<Glance> seen = glance(record);
      seen && !is_too_long(record, context, seen->events)) {
    out.events = seen->events;
    out.custom_types.assign(seen->custom_types.begin(), seen->custom_types.end());
    return out;
  }
  out.problem = read_events(record, context, batch);
  out.events = batch.events.size();
  if (!out.problem) {
    inspect_events(record, context, batch, out);
  }
  return out;
}

}  // namespace api::mobile_analytics
