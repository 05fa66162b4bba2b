#include "commands/import_records.h"

#include "api/clevertap/decode.h"
#include "api/clickstream/decode.h"
#include "api/mobile_analytics/decode.h"
#include "engine/engine.h"
#include "event/imported.h"
#include "json/writer.h"
#include "loader/state/imports.h"
#include "loader/units.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace commands {
namespace {

constexpr std::chrono::milliseconds kLookAround{200};
/// So much may be on its way into the journal, whose queue live requests need.
constexpr std::size_t kUnderWayBytesMax = std::size_t{1} << 20U;

/// Takes the verdicts that an endpoint takes of a client's request. History is taken as it is: what
/// exceeds a limit is stored and marked.
class Verdicts {
 public:
  Verdicts(event::Record& record, api::EventNames& names, base::Time now)
      : record_(record), names_(names), imported_at_(std::to_string(base::to_us(now))) {
    if (base::to_us(record.received_at) == 0) {
      record.received_at = now;  // the export does not say
    }
    record.notes.push_back({event::kImportedAtNote, imported_at_});
    if (record.kind == event::RecordKind::kAccepted) {
      take();
      record.notes.push_back({"units", units_});
    }
  }
  Verdicts(const Verdicts&) = delete;
  Verdicts& operator=(const Verdicts&) = delete;

 private:
  void take() {
    std::size_t units = 1;
    if (record_.api == event::Api::kMobileAnalytics) {
      units = take_mobile_analytics();
    } else if (record_.api == event::Api::kClevertap) {
      record_.notes.push_back({"limits", "lenient"});
      units = take_clevertap();
    } else if (record_.api == event::Api::kClickstream) {
      units = api::clickstream::review(record_, [](std::string_view) { return true; }).units;
    }
    units_ = std::to_string(std::max<std::size_t>(units, 1));
  }

  /// What is history alone takes no place among the event types that clients may still begin.
  std::size_t take_clevertap() {
    const api::clevertap::Verdict verdict = api::clevertap::examine(record_);
    std::set<std::string> uncounted;
    for (const event::Event& event : verdict.decoded.events) {
      if (!names_.is_known(record_.app_id, record_.api, event.event_name)) {
        uncounted.insert(event.event_name);
      }
    }
    note_types_over(uncounted);
    return verdict.decoded.events.size() + verdict.decoded.profiles.size() +
           verdict.decoded.rejections.size();
  }

  std::size_t take_mobile_analytics() {
    namespace ma = api::mobile_analytics;
    record_.notes.push_back({ma::kLimitsNote, "lenient"});
    record_.notes.push_back({ma::kClientNote, "published"});
    // Bad events refuse a client's batch; here each is put aside for itself.
    const ma::Inspection seen = ma::inspect(record_);
    std::set<std::string> over;
    for (const std::string& type : seen.custom_types) {
      if (!names_.admit(record_.app_id, record_.api, type, ma::kCustomTypesMax)) {
        over.insert(type);
      }
    }
    note_types_over(over);
    return seen.events;
  }

  void note_types_over(const std::set<std::string>& types) {
    if (types.empty()) {
      return;
    }
    json::Writer over;
    over.begin_array();
    for (const std::string& type : types) {
      over.string(type);
    }
    over.end_array();
    types_over_ = std::move(over).text();
    record_.notes.push_back({api::mobile_analytics::kTypesOverNote, types_over_});
  }

  event::Record& record_;
  api::EventNames& names_;
  const std::string imported_at_;
  std::string units_;
  std::string types_over_;
};

/// Records on their way into the journal.
class Appending {
 public:
  explicit Appending(api::Intake& intake) : intake_(intake) {}
  Appending(const Appending&) = delete;
  Appending& operator=(const Appending&) = delete;
  ~Appending() { static_cast<void>(wait()); }

  void append(const event::Record& record, std::string id) {
    std::size_t at = 0;
    {
      const std::lock_guard lock(mutex_);
      at = sent_.size();
      sent_.push_back({std::move(id), 0, loader::units_of(record)});
    }
    intake_.append(record, [this, at](const base::Result<event::Position>& position) {
      const std::lock_guard lock(mutex_);
      if (position) {
        sent_[at].position = *position;
      } else {
        failure_ = position.error();
      }
      ++done_;
      changed_.notify_one();
    });
  }

  /// Until all are durable, or one is not going to be.
  base::Status wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return done_ == sent_.size(); });
    return failure_ ? base::Status(*failure_) : base::ok();
  }

  struct Sent {
    std::string id;
    event::Position position = 0;
    std::uint64_t units = 1;
  };
  /// After wait().
  [[nodiscard]] const std::vector<Sent>& sent() const { return sent_; }

 private:
  api::Intake& intake_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Sent> sent_;
  std::size_t done_ = 0;
  std::optional<base::Error> failure_;
};

base::Result<event::Record> read_record(std::string_view bytes, std::string_view app_id) {
  base::Result<event::Record> record = event::decode_record(bytes);
  if (record && (record->app_id != app_id || !record->note(event::kImportNote) ||
                 record->note(event::kImportedAtNote))) {
    return base::fail(base::Code::kInvalid, "it is no record of an import for this application");
  }
  return record;
}

base::Status wait_loaded(engine::Pipeline& pipeline, event::Position position,
                         control::Output& output) {
  while (!pipeline.wait_visible(position, kLookAround)) {
    if (!output.alive()) {
      return base::fail(base::Code::kUnavailable, "interrupted while events were being loaded");
    }
    if (const std::string why = pipeline.failure(); !why.empty()) {
      return base::fail(base::Code::kUnavailable, "nothing is loaded: " + why);
    }
  }
  return base::ok();
}

base::Status count_sent(loader::state::ImportReader& reader, std::string_view app_id,
                        const std::vector<Appending::Sent>& all, ImportCounts& counts) {
  for (const Appending::Sent& sent : all) {
    const auto found = reader.find({app_id, sent.id});
    if (!found) {
      return found.error();
    }
    if (*found && (*found)->position == sent.position) {
      counts.stored += (*found)->stored;
      counts.duplicate += (*found)->duplicate;
      counts.rejected += (*found)->rejected;
    } else {
      counts.duplicate += static_cast<std::int64_t>(sent.units);
    }
  }
  return base::ok();
}

}  // namespace

base::Result<ImportCounts> import_records(engine::Engine& engine, engine::Pipeline& pipeline,
                                          std::string_view app_id,
                                          const std::vector<std::string_view>& records,
                                          control::Output& output) {
  const auto reader = loader::state::ImportReader::open(pipeline.state_path());
  if (!reader) {
    return reader.error();
  }
  ImportCounts counts;
  Appending appending(pipeline.intake());
  std::size_t under_way = 0;
  for (const std::string_view bytes : records) {
    base::Result<event::Record> record = read_record(bytes, app_id);
    if (!record) {
      return record.error();
    }
    const std::string_view id = *record->note(event::kImportNote);
    const auto known = (*reader)->find({app_id, id});
    if (!known) {
      return known.error();
    }
    if (*known) {
      counts.known += (*known)->stored + (*known)->duplicate + (*known)->rejected;
      continue;
    }
    under_way += bytes.size();
    if (under_way > kUnderWayBytesMax) {
      if (auto waited = appending.wait(); !waited) {
        break;
      }
      under_way = bytes.size();
    }
    const std::string kept_id(id);
    const Verdicts verdicts(*record, pipeline.names(), engine.surroundings().clock.now());
    appending.append(*record, kept_id);
  }
  base::Status done = appending.wait();
  event::Position last = 0;
  for (const Appending::Sent& sent : appending.sent()) {
    last = std::max(last, sent.position);
  }
  if (done && last > 0) {
    done = wait_loaded(pipeline, last, output);
  }
  if (done) {
    done = count_sent(**reader, app_id, appending.sent(), counts);
  }
  if (!done) {
    return base::fail(done.error().code, done.error().message + "; run the same command again");
  }
  return counts;
}

}  // namespace commands
