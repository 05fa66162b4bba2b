#include "loader/record_handler.h"

#include "event/imported.h"
#include "json/value.h"
#include "loader/replay.h"
#include "loader/rows.h"
#include "loader/units.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <limits>
#include <new>
#include <optional>
#include <utility>

namespace loader {
namespace {

constexpr std::chrono::hours kAnswersKept{24};
/// A record whose rows would take more is put aside whole: one of 1 MiB could ask for gigabytes.
constexpr std::uint64_t kRecordRowBytesMax = std::uint64_t{256} << 20U;

std::uint32_t seconds_of(base::Time time) {
  const std::int64_t seconds = base::to_us(time) / 1'000'000;
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(seconds, 0, std::numeric_limits<std::uint32_t>::max()));
}

/// What an event or a change of a profile is known by: the id its sender gave it. Nothing where it
/// gave none.
std::optional<codec::Hash128> hash_of(event::Api api, std::string_view app_id,
                                      std::string_view id) {
  if (id.empty()) {
    return std::nullopt;
  }
  constexpr std::size_t kNumbersMax = 24;
  std::string text;
  text.reserve(app_id.size() + id.size() + kNumbersMax);
  text.append(std::to_string(static_cast<int>(api))).append(":");
  text.append(std::to_string(app_id.size())).append(":");
  text.append(app_id).append(id);
  return codec::hash128(text);
}

/// Codes of records that are put aside whole.
constexpr std::string_view kInternal = "internal";
constexpr std::string_view kUndecodable = "undecodable";
constexpr std::string_view kRowsTooLarge = "rows_too_large";

constexpr state::Counts kStored{1, 1, 0, 0};
constexpr state::Counts kStoredProfile{1, 1, 0, 0, 1};
constexpr state::Counts kDuplicate{1, 0, 1, 0};
constexpr state::Counts kRejected{1, 0, 0, 1};

/// Event names that came when their application had as many as its API allows. The edge did not
/// count them, so neither may the state: after a start they would be taken for counted ones.
std::set<std::string, std::less<>> uncounted_names(const event::Record& record) {
  std::set<std::string, std::less<>> out;
  for (const std::string_view key : {"event_types_over", "refused_event_types"}) {
    const auto note = record.note(key);
    if (!note) {
      continue;
    }
    const auto names = json::Document::parse(*note);
    if (!names) {
      continue;
    }
    for (const json::Value name : names->root().elements()) {
      out.emplace(name.string().value_or(""));
    }
  }
  return out;
}

}  // namespace

void RecordHandler::suspect(Position position, std::string reason) {
  suspect_ = position;
  suspect_reason_ = std::move(reason);
  aside_.emplace(position, kInternal);
}

void RecordHandler::acquit() { aside_.erase(std::exchange(suspect_, 0)); }

base::Status RecordHandler::handle(Position position, std::string_view bytes, Needs needs,
                                   Step& step) {
  auto decoded = event::decode_record(bytes);
  if (!decoded) {
    parts_.log.error(
        "a journal record cannot be read; it is kept in rejected_event",
        {{"position", static_cast<std::int64_t>(position)}, {"reason", decoded.error().message}});
  }
  const auto aside = needs.rows ? aside_.end() : aside_.find(position);
  if (!decoded || (aside != aside_.end() && aside->second == kUndecodable)) {
    event::Record unread;
    unread.body = bytes;
    event::Decoded rejected;
    rejected.rejections.push_back(
        whole_record(unread, std::string(kUndecodable), decoded ? "" : decoded.error().message));
    return handle_decoded({unread, position, needs, step, false, 1, {}, {}}, std::move(rejected));
  }
  Current current{*decoded,
                  position,
                  needs,
                  step,
                  replay_target(*decoded).has_value(),
                  1,
                  uncounted_names(*decoded),
                  step.rules.get()};
  booked_ = {};
  auto counts = replay_counts(current);
  if (!counts || !*counts) {
    return counts ? base::ok() : base::Status(counts.error());
  }
  auto repeats = import_repeats(current);
  if (!repeats) {
    return repeats.error();
  }
  if (auto noted = note_answer(current); !noted) {
    return noted;
  }
  Unpacked unpacked = unpack(current);
  step.bytes += unpacked.bytes + person_bytes(unpacked.units);
  current.answered = unpacked.whole ? units_of(*decoded) : 1;
  if (*repeats) {
    return book_repeat(current, unpacked.units);
  }
  auto handled = handle_decoded(current, std::move(unpacked.units));
  return handled ? note_import(current) : handled;
}

RecordHandler::Unpacked RecordHandler::unpack(const Current& current) {
  const event::Record& record = current.record;
  Unpacked unpacked = decode(current);
  unpacked.bytes = row_bytes(record, unpacked.units);
  if (!unpacked.whole && unpacked.bytes > kRecordRowBytesMax) {
    const std::string reason = "its rows take " + std::to_string(unpacked.bytes) +
                               " bytes, at most " + std::to_string(kRecordRowBytesMax) +
                               " are taken: the request repeats long texts";
    unpacked = {.units = {}, .bytes = record.body.size(), .whole = true};
    unpacked.units.rejections.push_back(whole_record(record, std::string(kRowsTooLarge), reason));
  }
  return unpacked;
}

RecordHandler::Unpacked RecordHandler::decode(const Current& current) {
  const event::Record& record = current.record;
  const Position position = current.position;
  Unpacked failed{.units = {}, .bytes = 0, .whole = true};
  if (position == suspect_ || (!current.needs.rows && aside_.contains(position))) {
    failed.units.rejections.push_back(
        whole_record(record, std::string(kInternal), suspect_reason_));
    return failed;
  }
  std::string reason;
  const auto decoder = parts_.decoders.find(record.api);
  if (decoder == parts_.decoders.end()) {
    reason = "this program has no decoder for the api of the record";
  } else {
    try {
      return {.units = decoder->second(record), .bytes = 0, .whole = false};
    } catch (const std::bad_alloc&) {
      throw;  // which is not the record's fault
    } catch (const std::exception& error) {
      reason = std::string("the decoder failed: ") + error.what();
    }
  }
  parts_.log.error("a record cannot be decoded; it is kept in rejected_event",
                   {{"position", static_cast<std::int64_t>(position)}, {"reason", reason}});
  failed.units.rejections.push_back(
      whole_record(record, std::string(kInternal), std::move(reason)));
  return failed;
}

void RecordHandler::book(const Current& current, const BookName& name,
                         const state::Counts& counts) {
  state_.count(name.app_id, name.api, counts);
  booked_.stored += counts.stored;
  booked_.duplicate += counts.duplicate;
  booked_.rejected += counts.rejected;
  if (!current.needs.told && !current.replay) {
    current.step.handled[{std::string(current.record.app_id), current.record.api}] +=
        static_cast<std::uint64_t>(counts.received) * current.answered;
  }
}

base::Status RecordHandler::handle_decoded(const Current& current, event::Decoded decoded) {
  if (current.needs.state) {
    current.step.failed = Part::kState;
    if (auto begun = state_.begin(); !begun) {
      return begun;
    }
  }
  if (auto added = add_profiles(current, decoded); !added) {
    return added;
  }
  if (auto added = add_events(current, decoded); !added) {
    return added;
  }
  add_rejections(current, decoded);
  return base::ok();
}

base::Status RecordHandler::add_profiles(const Current& current, event::Decoded& decoded) {
  std::uint64_t repeats = 0;
  for (std::size_t at = 0; at < decoded.profiles.size(); ++at) {
    event::ProfileChange& change = decoded.profiles[at];
    change.api = current.record.api;
    if (change.app_id.empty()) {
      change.app_id = current.record.app_id;
    }
    auto first = is_first(current, static_cast<std::uint32_t>(at),
                          hash_of(change.api, change.app_id, change.change_id));
    if (!first) {
      return first.error();
    }
    if (!current.needs.state) {
      continue;
    }
    current.step.failed = Part::kState;
    if (change.booked) {
      book(current, {change.app_id, change.api}, *first ? kStoredProfile : kDuplicate);
    }
    if (!*first) {
      repeats += change.booked ? 1 : 0;
      continue;
    }
    const std::int64_t received_us = base::to_us(current.record.received_at);
    if (auto done = state_.people().apply(change, current.position, received_us); !done) {
      return done;
    }
  }
  return note_repeats(current, repeats);
}

base::Status RecordHandler::note_repeats(const Current& current, std::uint64_t profiles) {
  if (profiles == 0) {
    return base::ok();
  }
  current.step.failed = Part::kState;
  return state_.notes().note_repeats(current.position, profiles);
}

/// Also tells the memory of ids; what has no id is always the first.
base::Result<bool> RecordHandler::is_first(const Current& current, std::uint32_t index,
                                           const std::optional<codec::Hash128>& id) {
  if (!id) {
    return true;
  }
  current.step.failed = Part::kIds;
  return memories_.ids().first(
      *id, {current.position, index, seconds_of(event::arrival_of(current.record))});
}

/// What completes the events of a record before any of them is looked for.
void RecordHandler::fill_events(const Current& current, event::Decoded& decoded) {
  hashes_.clear();
  for (event::Event& event : decoded.events) {
    const bool has_id = !event.event_id.empty();
    const auto index = static_cast<std::uint32_t>(hashes_.size());
    fill_event(current.record, {current.position, index}, event);
    hashes_.push_back(has_id ? hash_of(event.api, event.app_id, event.event_id) : std::nullopt);
    if (has_id) {
      memories_.ids().prefetch(*hashes_.back());
    }
  }
}

base::Status RecordHandler::add_events(const Current& current, event::Decoded& decoded) {
  fill_events(current, decoded);
  std::size_t kept = 0;
  for (std::size_t at = 0; at < decoded.events.size(); ++at) {
    event::Event& event = decoded.events[at];
    const auto index = static_cast<std::uint32_t>(at);
    auto first = is_first(current, index, hashes_[at]);
    if (!first) {
      return first.error();
    }
    if (current.needs.state) {
      book(current, {event.app_id, event.api}, *first ? kStored : kDuplicate);
    }
    if (!*first || !current.needs.any()) {
      continue;
    }
    if (auto added = add_event(current, index, event); !added) {
      return added;
    }
    if (kept != at) {
      decoded.events[kept] = std::move(event);
    }
    ++kept;
  }
  if (current.needs.rows) {
    decoded.events.resize(kept);
    current.step.batch.events.add(std::move(decoded.events));
  }
  return base::ok();
}

/// Enrichment is a pure improvement: an event it fails on is stored as it came.
void RecordHandler::complete(event::Event& event) {
  if (!parts_.enrich) {
    return;
  }
  try {
    parts_.enrich(event);
  } catch (const std::exception& error) {
    parts_.log.error("an event could not be enriched",
                     {{"position", event.journal_position.value_or(0)}, {"reason", error.what()}});
  }
}

base::Status RecordHandler::add_event(const Current& current, std::uint32_t index,
                                      event::Event& event) {
  complete(event);
  file_event(event);
  make_storable(event);
  if (current.needs.state) {
    if (auto added = add_to_state(current, event); !added) {
      return added;
    }
  }
  if (current.needs.state || current.needs.activity) {
    const kpi::Rules& rules = current.rules ? current.rules->rules(event.app_id, event.api)
                                            : kpi::default_rules(event.api);
    auto seen = rollup_.saw(event, {current.position, index, 0}, rules, !current.needs.state);
    if (!seen) {
      current.step.failed = rollup_.activity_failed() ? Part::kActivity : Part::kState;
      return seen;
    }
  }
  if (current.needs.rows) {
    take_items(event, current.step.batch.items);
  }
  return base::ok();
}

base::Status RecordHandler::add_to_state(const Current& current, const event::Event& event) {
  current.step.failed = Part::kState;
  if (auto seen = state_.people().saw(event); !seen) {
    return seen;
  }
  if (current.uncounted_names.contains(event.event_name)) {
    return base::ok();
  }
  auto fresh = state_.saw_name(event.app_id, event.api, event.event_name);
  if (!fresh) {
    return fresh.error();
  }
  if (*fresh) {
    current.step.names.push_back({event.app_id, event.api, event.event_name});
  }
  return base::ok();
}

void RecordHandler::add_rejections(const Current& current, event::Decoded& decoded) {
  for (event::Rejection& rejection : decoded.rejections) {
    if (current.needs.state) {
      const bool own = !rejection.app_id.empty();
      book(current,
           {own ? std::string_view(rejection.app_id) : current.record.app_id, current.record.api},
           kRejected);
    }
    if (current.needs.rows) {
      current.step.batch.rejected.push_back(
          rejected_row(current.record, current.position, std::move(rejection)));
    }
  }
}

base::Status RecordHandler::note_answer(const Current& current) {
  const auto key = current.record.note("idempotency_key");
  const auto answer = current.record.note("idempotency_answer");
  const bool fresh = current.record.received_at > parts_.clock.now() - kAnswersKept;
  if (!current.needs.state || !key || !answer || !fresh) {
    return base::ok();
  }
  current.step.failed = Part::kState;
  if (auto begun = state_.begin(); !begun) {
    return begun;
  }
  current.step.answers.push_back({std::string(current.record.app_id), std::string(*key),
                                  std::string(*answer), current.position,
                                  base::to_us(current.record.received_at)});
  return state_.notes().note_answer(current.step.answers.back());
}

}  // namespace loader
