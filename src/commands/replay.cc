#include "commands/replay.h"

#include "api/clickstream/decode.h"
#include "engine/engine.h"
#include "journal/reader.h"
#include "json/value.h"
#include "json/writer.h"
#include "loader/replay.h"

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace commands {
namespace {

constexpr std::chrono::minutes kLoadTimeout{10};

/// A row of rejected_event.
struct Rejected {
  loader::state::RejectedUnit unit;
  std::string app_id;
  std::string record;
};

base::Result<std::vector<Rejected>> select(store::Store& store, const std::string& condition) {
  const base::Result<store::QueryResult> rows = store.query(
      "SELECT journal_position, record_index, app_id, record FROM rejected_event WHERE " +
          condition + " ORDER BY journal_position, record_index",
      store::ResultFormat::kJson, {});
  if (!rows) {
    return rows.error();
  }
  const base::Result<json::Document> document = json::Document::parse(rows->text);
  if (!document) {
    return document.error();
  }
  std::vector<Rejected> out;
  for (const json::Value row : document->root().elements()) {
    Rejected& rejected = out.emplace_back();
    rejected.unit.position =
        static_cast<event::Position>(row["journal_position"].integer().value_or(0));
    rejected.unit.index = static_cast<std::uint32_t>(row["record_index"].integer().value_or(0));
    rejected.app_id = row["app_id"].string().value_or("");
    rejected.record = row["record"].string().value_or("");
  }
  return out;
}

/// The journal's bytes of one record.
base::Result<std::string> read_original(engine::Engine& engine, const engine::Pipeline& pipeline,
                                        event::Position position) {
  base::Result<std::unique_ptr<journal::Reader>> reader =
      journal::Reader::open(engine.surroundings().files, pipeline.journal_folder(), position);
  if (!reader) {
    return std::move(reader).error();
  }
  base::Result<std::optional<journal::Entry>> entry = (*reader)->next(position);
  if (!entry) {
    return std::move(entry).error();
  }
  if (!*entry || (*entry)->position != position) {
    return base::fail(base::Code::kNotFound,
                      "the journal no longer holds position " + std::to_string(position));
  }
  return std::string((*entry)->bytes);
}

/// A body that holds the unit alone; empty where the whole request was put aside, or where the
/// request is one unit anyway.
std::string body_of_unit(const event::Record& original, const Rejected& rejected) {
  const base::Result<json::Document> unit = json::Document::parse(rejected.record);
  if (original.kind == event::RecordKind::kRefused || !unit || !unit->root().is_object()) {
    return "";
  }
  switch (original.api) {
    case event::Api::kClickstream: return "[" + rejected.record + "]";
    case event::Api::kClevertap:
      return unit->root()["d"] ? "" : "{\"d\":[" + rejected.record + "]}";
    case event::Api::kMobileAnalytics:
      return unit->root()["events"] ? "" : "{\"events\":[" + rejected.record + "]}";
    case event::Api::kSegmentstream: return "";
  }
  return "";
}

/// Takes the verdicts that need the registry again, as it is now.
class Verdicts {
 public:
  explicit Verdicts(const registry::Snapshot& snapshot) : snapshot_(snapshot) {}

  /// Lifetime: the record then views this object too.
  void renew(event::Record& record) {
    std::erase_if(record.notes, [](const event::Note& note) {
      return note.key == "limits" || note.key == "unknown_apps" || note.key == "registered_apps" ||
             note.key == "refused_event_types";
    });
    const registry::App* app = snapshot_.app(record.app_id);
    if (app != nullptr && app->settings.limits != registry::LimitMode::kVendor) {
      const bool lenient = app->settings.limits == registry::LimitMode::kLenient;
      record.notes.push_back({"limits", lenient ? "lenient" : "quarantine"});
    }
    if (record.api == event::Api::kClickstream) {
      renew_clickstream(record);
    }
  }

 private:
  void renew_clickstream(event::Record& record) {
    const api::clickstream::Review review = api::clickstream::review(
        record, [this](std::string_view app_id) { return snapshot_.app(app_id) != nullptr; });
    if (review.unknown_apps.empty()) {
      return;
    }
    json::Writer unknown;
    unknown.begin_array();
    for (const std::string& app_id : review.unknown_apps) {
      unknown.string(app_id);
    }
    unknown.end_array();
    unknown_apps_ = std::move(unknown).text();
    for (const registry::App& app : snapshot_.apps()) {
      registered_apps_ += (registered_apps_.empty() ? "" : ", ") + app.id;
    }
    record.notes.push_back({"unknown_apps", unknown_apps_});
    record.notes.push_back({"registered_apps", registered_apps_});
  }

  const registry::Snapshot& snapshot_;
  std::string unknown_apps_;
  std::string registered_apps_;
};

/// Appends the record and waits until it is durable.
base::Result<event::Position> append_and_wait(api::Intake& intake, const event::Record& record) {
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<base::Result<event::Position>> outcome;
  intake.append(record, [&](const base::Result<event::Position>& position) {
    const std::lock_guard lock(mutex);
    outcome = position;
    changed.notify_one();
  });
  std::unique_lock lock(mutex);
  changed.wait(lock, [&outcome] { return outcome.has_value(); });
  return *outcome;
}

base::Result<event::Position> replay_one(engine::Engine& engine, engine::Pipeline& pipeline,
                                         const Rejected& rejected) {
  const base::Result<std::string> bytes = read_original(engine, pipeline, rejected.unit.position);
  if (!bytes) {
    return bytes.error();
  }
  const base::Result<event::Record> original = event::decode_record(*bytes);
  if (!original) {
    return original.error();
  }
  const base::Result<std::string> again =
      loader::make_replay(*bytes, {.unit = rejected.unit,
                                   .app_id = rejected.app_id,
                                   .body = body_of_unit(*original, rejected)});
  if (!again) {
    return again.error();
  }
  base::Result<event::Record> record = event::decode_record(*again);
  if (!record) {
    return record.error();
  }
  const auto snapshot = engine.registry().snapshot();
  Verdicts verdicts(*snapshot);
  verdicts.renew(*record);
  return append_and_wait(pipeline.intake(), *record);
}

base::Result<std::uint64_t> count_rejected(store::Store& store,
                                           const std::vector<event::Position>& positions) {
  std::string list;
  for (const event::Position position : positions) {
    list += (list.empty() ? "" : ",") + std::to_string(position);
  }
  const base::Result<store::QueryResult> rows = store.query(
      "SELECT journal_position FROM rejected_event WHERE journal_position IN (" + list + ")",
      store::ResultFormat::kCsv, {});
  if (!rows) {
    return rows.error();
  }
  return rows->rows;
}

}  // namespace

base::Result<ReplayResult> replay_rejected(engine::Engine& engine, engine::Pipeline& pipeline,
                                           const std::string& condition) {
  const base::Result<std::vector<Rejected>> selected = select(pipeline.store(), condition);
  if (!selected) {
    return selected.error();
  }
  if (selected->empty()) {
    return ReplayResult{};
  }
  std::vector<event::Position> positions;
  for (const Rejected& rejected : *selected) {
    const base::Result<event::Position> position = replay_one(engine, pipeline, rejected);
    if (!position) {
      return position.error();
    }
    positions.push_back(*position);
  }
  const base::Status loaded = pipeline.flush(kLoadTimeout);
  if (!loaded) {
    return loaded.error();
  }
  const base::Result<std::uint64_t> rejected = count_rejected(pipeline.store(), positions);
  if (!rejected) {
    return rejected.error();
  }
  return ReplayResult{positions.size(), *rejected};
}

}  // namespace commands
