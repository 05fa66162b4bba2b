// catchment_history FOLDER [--events N] [--users N] [--days N] [--end MS] [--app ID]: writes a
// made-up year of requests (history.h) into the journal in FOLDER, as if they had arrived over it.
// Goes on where an earlier call with the same options stopped.

#include "event/record.h"
#include "io/file_system.h"
#include "journal/writer.h"

#include "history.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <string_view>
#include <unistd.h>

namespace bench {
namespace {

constexpr std::uint64_t kUnderWayMax = 4096;

[[noreturn]] void fail(const std::string& text) {
  std::fprintf(stderr, "catchment_history: %s\n", text.c_str());
  std::exit(1);
}

std::uint64_t number_of(std::string_view option, std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    fail(std::string(option) + " needs a whole number, not \"" + std::string(text) + "\"");
  }
  return number;
}

/// Counts appends that are under way, and the first failure.
class Progress {
 public:
  void begin() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return under_way_ < kUnderWayMax; });
    ++under_way_;
  }
  void end(const base::Result<journal::Position>& position) {
    const std::lock_guard lock(mutex_);
    --under_way_;
    if (!position && failure_.empty()) {
      failure_ = position.error().message;
    }
    changed_.notify_all();
  }
  void drain() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return under_way_ == 0; });
  }
  std::string failure() {
    const std::lock_guard lock(mutex_);
    return failure_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t under_way_ = 0;
  std::string failure_;
};

void show(std::uint64_t done, std::uint64_t all, bool terminal) {
  std::fprintf(stderr,
               terminal ? "\rmaking requests: %llu of %llu (%.1f %%)  "
                        : "making requests: %llu of %llu (%.1f %%)\n",
               static_cast<unsigned long long>(done), static_cast<unsigned long long>(all),
               100.0 * static_cast<double>(done) / static_cast<double>(all));
}

std::string record_of(const Visit& visit, const std::string& app_id, std::uint64_t number) {
  event::Record record;
  const std::string request_id = "history-" + std::to_string(number);
  const std::string units = std::to_string(visit.events);
  record.received_at = base::Time(std::chrono::milliseconds(visit.received_ms));
  record.app_id = app_id;
  record.request_id = request_id;
  record.method = "POST";
  record.target = visit.target;
  record.peer_ip = "127.0.0.1";
  record.user_agent =
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 "
      "Safari/537.36";
  record.headers = {{"content-type", "application/json; charset=utf-8"}};
  record.notes = {{"units", units}};
  record.body = visit.body;
  std::string bytes;
  event::encode_record(record, bytes);
  return bytes;
}

void write(const std::string& folder, HistoryOptions options, std::uint64_t until) {
  const std::unique_ptr<io::FileSystem> files = io::posix_file_system();
  const base::SystemClock clock;
  journal::Options journal;
  journal.folder = folder;
  journal.sync = journal::SyncMode::kOff;
  auto writer = journal::Writer::open(*files, clock, base::null_log(), journal);
  if (!writer) {
    fail(writer.error().message);
  }
  const std::string app_id = options.app_id;
  History history(std::move(options));
  const bool terminal = ::isatty(STDERR_FILENO) != 0;
  const std::uint64_t all = std::min(history.requests(), until);
  Progress progress;
  for (std::uint64_t number = (*writer)->durable_position(); number < all; ++number) {
    progress.begin();
    (*writer)->append(record_of(history.visit(number), app_id, number),
                      [&](base::Result<journal::Position> position) { progress.end(position); });
    if ((number + 1) % (terminal ? 20'000 : 500'000) == 0) {
      show(number + 1, all, terminal);
      if (const std::string failure = progress.failure(); !failure.empty()) {
        progress.drain();
        fail(failure);
      }
    }
  }
  progress.drain();
  if (const std::string failure = progress.failure(); !failure.empty()) {
    fail(failure);
  }
  show(all, all, terminal);
  std::fputs(terminal ? "\n" : "", stderr);
}

int run(int count, char** arguments) {
  HistoryOptions options;
  std::string folder;
  std::uint64_t until = UINT64_MAX;
  for (int at = 1; at < count; ++at) {
    const std::string_view option = arguments[at];
    if (!option.starts_with("--")) {
      folder = option;
      continue;
    }
    if (at + 1 == count) {
      fail(std::string(option) + " needs a value");
    }
    const std::string_view value = arguments[++at];
    if (option == "--events") {
      options.events = number_of(option, value);
    } else if (option == "--users") {
      options.users = number_of(option, value);
    } else if (option == "--days") {
      options.days = static_cast<std::int64_t>(number_of(option, value));
    } else if (option == "--end") {
      options.end_ms = static_cast<std::int64_t>(number_of(option, value));
    } else if (option == "--until") {
      until = number_of(option, value);
    } else if (option == "--app") {
      options.app_id = value;
    } else {
      fail("unknown option " + std::string(option));
    }
  }
  if (folder.empty() || options.end_ms == 0) {
    fail(
        "usage: catchment_history FOLDER --end MS [--events N] [--users N] [--days N] [--app ID] "
        "[--until N]");
  }
  write(folder, std::move(options), until);
  return 0;
}

}  // namespace
}  // namespace bench

int main(int count, char** arguments) { return bench::run(count, arguments); }
