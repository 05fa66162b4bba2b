#include "codec/compression.h"
#include "exports/state.h"
#include "exports/target.h"

#include <array>
#include <cstdio>
#include <map>
#include <optional>
#include <utility>

namespace exports {
namespace {

/// Lines are packed in pieces of this size; gzip allows any number of members in one file.
constexpr std::size_t kMemberBytes = std::size_t{1} << 20U;
/// An hour is taken for over when it has been for so long: requests that arrived in its last moment
/// are through the journal by then.
constexpr std::chrono::minutes kGrace{1};

base::Time start_of(std::int64_t hour) { return base::Time(std::chrono::hours(hour)); }

struct HourText {
  std::string folder;  ///< YYYY/MM/DD/HH
  std::string stamp;   ///< YYYY-MM-DD-HH-MM-SS
};

HourText text_of(std::int64_t hour) {
  const auto day = std::chrono::floor<std::chrono::days>(start_of(hour));
  const std::chrono::year_month_day date(day);
  const auto of_day = std::chrono::duration_cast<std::chrono::hours>(start_of(hour) - day).count();
  std::array<char, 32> folder{};
  std::array<char, 32> stamp{};
  std::snprintf(folder.data(), folder.size(), "%04d/%02u/%02u/%02d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(of_day));
  std::snprintf(stamp.data(), stamp.size(), "%04d-%02u-%02u-%02d-00-00",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(of_day));
  return {folder.data(), stamp.data()};
}

/// A file that is being written, under a name nobody looks for.
struct OpenHour {
  std::unique_ptr<io::File> file;
  std::string from;
  std::string to;
  std::uint64_t bytes = 0;
  std::string waiting;  ///< Not packed yet.
};

/// The files of an hour get their names when the hour is over, all that are open at once: the state
/// that is saved before says which, and the position they reach. A run that is killed before that
/// reads the hour again; one that is killed after it finishes the renaming first.
class HourlyTarget final : public Target {
 public:
  HourlyTarget(std::string folder, Identity identity, const Place& place)
      : folder_(std::move(folder)),
        unfinished_(io::join(folder_, ".unfinished-" + identity.app_id)),
        state_path_(io::join(folder_, "progress-" + identity.app_id + ".json")),
        identity_(std::move(identity)),
        place_(place) {}

  base::Result<Resume> open() {
    if (auto made = place_.files.create_directories(unfinished_); !made) {
      return made.error();
    }
    auto lock = place_.files.lock(io::join(unfinished_, "lock"));
    if (!lock) {
      return lock.error();
    }
    lock_ = *std::move(lock);
    const auto state = load_state(place_.files, state_path_, identity_);
    if (!state) {
      return state.error();
    }
    state_ = state->value_or(State());
    at_ = state_.position;
    if (auto done = rename_finished(); !done) {
      return done.error();
    }
    if (auto removed = remove_unfinished(); !removed) {
      return removed.error();
    }
    return Resume{state_.position, state->has_value(), true};
  }

  base::Status take(std::string_view text, const Mark& mark) override {
    if (!text.empty()) {
      if ((!hours_.empty() && mark.hour > newest_) || too_many_with(mark.hour)) {
        if (auto closed = commit(); !closed) {
          return closed;
        }
      }
      newest_ = hours_.empty() ? mark.hour : std::max(newest_, mark.hour);
      if (auto added = add(mark, text); !added) {
        return added;
      }
    }
    at_ = mark.through;
    const bool over = !hours_.empty() && place_.clock.now() >= start_of(newest_ + 1) + kGrace;
    return over && at_ >= mark.last ? commit() : base::ok();
  }

  base::Status finish() override { return commit(); }

 private:
  [[nodiscard]] bool too_many_with(std::int64_t hour) const {
    return hours_.size() >= kOpenHoursMax && !hours_.contains(hour);
  }

  base::Status add(const Mark& mark, std::string_view text) {
    auto found = hours_.find(mark.hour);
    if (found == hours_.end()) {
      auto made = make_file(mark);
      if (!made) {
        return made.error();
      }
      found = hours_.emplace(mark.hour, *std::move(made)).first;
    }
    OpenHour& hour = found->second;
    hour.waiting += text;
    return hour.waiting.size() >= kMemberBytes ? pack(hour) : base::ok();
  }

  /// Named by the position its first rows reach, which no other file has.
  base::Result<OpenHour> make_file(const Mark& mark) {
    const HourText text = text_of(mark.hour);
    std::array<char, 24> number{};
    std::snprintf(number.data(), number.size(), "%020llu",
                  static_cast<unsigned long long>(mark.through));
    const std::string name = identity_.app_id + "-1-" + text.stamp + "-" + number.data() + ".gz";
    OpenHour out;
    out.from = io::join(unfinished_, name);
    out.to = io::join(io::join(io::join(folder_, "awsma/events/" + identity_.app_id), text.folder),
                      name);
    auto file = place_.files.open(out.from, io::OpenMode::kCreate);
    if (!file) {
      return file.error();
    }
    out.file = *std::move(file);
    return out;
  }

  static base::Status pack(OpenHour& hour) {
    if (hour.waiting.empty()) {
      return base::ok();
    }
    const std::string packed = codec::gzip(hour.waiting);
    hour.waiting.clear();
    const auto written = hour.file->write_at(hour.bytes, packed);
    hour.bytes += written ? packed.size() : 0;
    return written;
  }

  base::Status commit() {
    if (hours_.empty() && at_ == state_.position) {
      return base::ok();
    }
    State next;
    next.position = at_;
    for (auto& [number, hour] : hours_) {
      if (auto packed = pack(hour); !packed) {
        return packed;
      }
      if (auto synced = hour.file->sync_data(); !synced) {
        return synced;
      }
      next.renames.emplace_back(hour.from, hour.to);
    }
    if (auto synced = place_.files.sync_directory(unfinished_); !synced) {
      return synced;
    }
    if (auto saved = save_state(place_.files, state_path_, identity_, next); !saved) {
      return saved;
    }
    state_ = std::move(next);
    hours_.clear();
    return rename_finished();
  }

  base::Status rename_finished() {
    for (const auto& [from, to] : state_.renames) {
      if (!place_.files.exists(from)) {
        continue;  // done before
      }
      if (auto made = place_.files.create_directories(to.substr(0, to.rfind('/'))); !made) {
        return made;
      }
      if (auto renamed = place_.files.rename(from, to); !renamed) {
        return renamed;
      }
      if (auto synced = place_.files.sync_directory(to.substr(0, to.rfind('/'))); !synced) {
        return synced;
      }
    }
    return base::ok();
  }

  base::Status remove_unfinished() {
    const auto names = place_.files.list(unfinished_);
    if (!names) {
      return names.error();
    }
    for (const std::string& name : *names) {
      if (name.ends_with(".gz")) {
        if (auto removed = place_.files.remove(io::join(unfinished_, name)); !removed) {
          return removed;
        }
      }
    }
    return base::ok();
  }

  const std::string folder_;
  const std::string unfinished_;
  const std::string state_path_;
  const Identity identity_;
  const Place place_;
  std::unique_ptr<io::Lock> lock_;
  State state_;             ///< As saved.
  event::Position at_ = 0;  ///< What the open files reach.
  std::map<std::int64_t, OpenHour> hours_;
  std::int64_t newest_ = 0;  ///< Of the open hours.
};

}  // namespace

base::Result<OpenedTarget> open_hourly_target(const std::string& folder, const Identity& identity,
                                              const Place& place) {
  if (identity.app_id == "." || identity.app_id == "..") {
    return base::fail(base::Code::kInvalid,
                      "application \"" + identity.app_id + "\" cannot be the name of a folder");
  }
  auto target = std::make_unique<HourlyTarget>(folder, identity, place);
  const auto resume = target->open();
  if (!resume) {
    return resume.error();
  }
  return OpenedTarget{std::move(target), *resume};
}

}  // namespace exports
