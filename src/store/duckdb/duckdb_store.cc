#include "store/duckdb/duckdb_store.h"

#include "store/duckdb/engine.h"
#include "store/duckdb/manifest.h"
#include "store/duckdb/sealer.h"
#include "store/duckdb/snapshot.h"

#include <malloc.h>

#include <algorithm>
#include <bit>
#include <condition_variable>
#include <limits>
#include <map>
#include <mutex>
#include <tuple>
#include <utility>

namespace store::duckdb {
namespace {

/// A query whose generation was replaced under it is run again, this often at most.
constexpr int kAttempts = 20;
/// compact() leaves alone: this many files of one table, day and size, or of a day that is over.
constexpr std::size_t kFilesOfSize = 7;
constexpr std::size_t kFilesOfOldDay = 3;
constexpr std::size_t kMergeFilesMax = 64;

/// Lets a few in at a time; the others wait until their deadline.
class Gate {
 public:
  explicit Gate(unsigned places) : places_(std::max(1U, places)) {}

  bool enter(Watchdog::Deadline deadline) {
    std::unique_lock lock(mutex_);
    if (!left_.wait_until(lock, deadline, [this] { return places_ > 0; })) {
      return false;
    }
    --places_;
    return true;
  }
  void leave() {
    {
      const std::lock_guard lock(mutex_);
      ++places_;
    }
    left_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable left_;
  unsigned places_;
};

/// Gives freed memory back to the system: a seal frees every hot row at once.
void return_memory() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

class DuckdbStore final : public Store {
 public:
  DuckdbStore(Options options, io::FileSystem& files, base::Log& log)
      : options_(std::move(options)), files_(files), log_(log), gate_(options_.queries_max) {}

  base::Status start();

  base::Status append(Batch batch) override;
  base::Status seal() override;
  base::Result<bool> compact() override;
  base::Status clear() override;
  [[nodiscard]] Position visible_position() const override { return current()->visible; }
  [[nodiscard]] Position sealed_position() const override { return current()->sealed; }
  [[nodiscard]] Stats stats() const override;
  base::Result<QueryResult> query(std::string_view sql, ResultFormat format,
                                  const QueryLimits& limits) override;

 private:
  struct View {
    std::shared_ptr<Engine> engine;
    std::shared_ptr<const Snapshot> snapshot;
  };
  [[nodiscard]] std::shared_ptr<const Snapshot> current() const;
  View view();
  base::Result<QueryResult> attempt(const Question& question);
  void replace(std::shared_ptr<const Snapshot> snapshot);
  void remove_new_files(const Manifest& manifest);
  base::Status commit(Manifest manifest, std::shared_ptr<Snapshot> next);
  std::shared_ptr<const FileList> pin(const Manifest& manifest) const;
  std::vector<const PinnedFile*> files_to_merge() const;

  const Options options_;
  io::FileSystem& files_;
  base::Log& log_;
  Gate gate_;
  Manifest manifest_;  ///< The loader's thread only, as the next.
  /// Also of attempts that failed: no file name is ever used twice.
  std::uint64_t last_generation_ = 0;

  mutable std::mutex mutex_;  ///< Guards the next two.
  std::shared_ptr<Engine> engine_;
  std::shared_ptr<const Snapshot> snapshot_;
};

std::shared_ptr<const Snapshot> DuckdbStore::current() const {
  const std::lock_guard lock(mutex_);
  return snapshot_;
}

base::Status DuckdbStore::start() {
  if (auto made = files_.create_directories(options_.folder); !made) {
    return made;
  }
  auto manifest = load_manifest(options_.folder, files_);
  if (!manifest) {
    return manifest.error();
  }
  const auto removed = remove_unlisted(*manifest, options_.folder, files_);
  if (!removed) {
    return removed.error();
  }
  if (*removed > 0) {
    log_.info("removed files that the manifest does not list",
              {{"files", static_cast<std::int64_t>(*removed)}});
  }
  manifest_ = std::move(*manifest);
  last_generation_ = manifest_.generation;
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->generation = manifest_.generation;
  snapshot->visible = manifest_.sealed;
  snapshot->sealed = manifest_.sealed;
  snapshot->files = pin(manifest_);
  snapshot->column_sets =
      std::make_shared<const std::vector<std::vector<std::string>>>(manifest_.column_sets);
  auto engine = Engine::open(options_, snapshot);
  if (!engine) {
    return engine.error();
  }
  engine_ = std::move(*engine);
  snapshot_ = std::move(snapshot);
  return base::ok();
}

/// The manifest's files; those already listed keep their pin.
std::shared_ptr<const FileList> DuckdbStore::pin(const Manifest& manifest) const {
  std::map<std::string_view, std::shared_ptr<PinnedFile>> pinned;
  if (snapshot_ != nullptr) {
    for (const auto& file : *snapshot_->files) {
      pinned[file->entry.path] = file;
    }
  }
  auto list = std::make_shared<FileList>();
  for (const FileEntry& entry : manifest.files) {
    const auto found = pinned.find(entry.path);
    list->push_back(found != pinned.end()
                        ? found->second
                        : std::make_shared<PinnedFile>(files_, options_.folder, entry));
  }
  return list;
}

void DuckdbStore::replace(std::shared_ptr<const Snapshot> snapshot) {
  const std::lock_guard lock(mutex_);
  snapshot_.swap(snapshot);
}

base::Status DuckdbStore::append(Batch batch) {
  auto next = std::make_shared<Snapshot>(*current());
  append_rows(batch.events, next->hot[index_of(Table::kEvent)]);
  append_rows(batch.items, next->hot[index_of(Table::kItem)]);
  append_rows(batch.rejected, next->hot[index_of(Table::kRejected)]);
  next->visible = std::max(next->visible, batch.through);
  replace(std::move(next));
  return base::ok();
}

/// Makes `manifest` the truth on disk, then shows `next` to queries.
base::Status DuckdbStore::commit(Manifest manifest, std::shared_ptr<Snapshot> next) {
  if (auto saved = save_manifest(manifest, options_.folder, files_); !saved) {
    return saved;
  }
  manifest_ = std::move(manifest);
  next->generation = manifest_.generation;
  next->sealed = manifest_.sealed;
  next->files = pin(manifest_);
  next->column_sets =
      std::make_shared<const std::vector<std::vector<std::string>>>(manifest_.column_sets);
  std::shared_ptr<const Snapshot> old;  // let go of after the lock
  const std::lock_guard lock(mutex_);
  // Queries that begin meanwhile wait; those that have begun and meet the new views try again.
  if (auto published = engine_->publish(next); !published) {
    // The files are recorded: going back would store the rows twice. view() starts a new engine.
    log_.warning("the query engine did not take new files",
                 {{"reason", published.error().message}});
    engine_->give_up();
  }
  old = std::exchange(snapshot_, std::move(next));
  return base::ok();
}

/// After a failure: files nobody will ever list should not fill the disk until the next start.
void DuckdbStore::remove_new_files(const Manifest& manifest) {
  for (std::size_t i = manifest_.files.size(); i < manifest.files.size(); ++i) {
    static_cast<void>(files_.remove(io::join(options_.folder, manifest.files[i].path)));
  }
}

base::Status DuckdbStore::clear() {
  Manifest manifest = manifest_;
  manifest.generation = ++last_generation_;
  manifest.files.clear();
  manifest.sealed = 0;
  const auto before = current();
  auto next = std::make_shared<Snapshot>(*before);
  next->hot = {};
  next->visible = 0;
  if (auto done = commit(std::move(manifest), std::move(next)); !done) {
    return done;
  }
  for (const auto& file : *before->files) {
    file->retire();
  }
  return base::ok();
}

base::Status DuckdbStore::seal() {
  auto before = current();
  Manifest manifest = manifest_;
  manifest.generation = ++last_generation_;
  Sealer sealer(options_, files_);
  for (const Table table : kTables) {
    auto written = sealer.write(table, before->hot[index_of(table)], manifest.generation);
    if (!written) {
      remove_new_files(manifest);
      return written.error();
    }
    for (FileEntry& entry : *written) {
      entry.column_set = current_column_set(table, manifest);
      manifest.files.push_back(std::move(entry));
    }
  }
  manifest.sealed = before->visible;
  auto next = std::make_shared<Snapshot>(*before);
  next->hot = {};
  before.reset();
  const base::Status done = commit(std::move(manifest), std::move(next));
  return_memory();
  return done;
}

/// The files to merge next: of one table and day, and of about one size, so that a row is written
/// anew a few times at most, however small the files it came in. Days that are over keep fewer
/// files. Empty when nothing is worth it.
std::vector<const PinnedFile*> DuckdbStore::files_to_merge() const {
  std::map<std::tuple<Table, std::int32_t, int>, std::vector<const PinnedFile*>> groups;
  std::int32_t newest = std::numeric_limits<std::int32_t>::min();
  for (const auto& file : *snapshot_->files) {
    newest = std::max(newest, file->entry.date);
  }
  for (const auto& file : *snapshot_->files) {
    if (file->entry.bytes >= options_.file_bytes_target) {
      continue;
    }
    const int size = static_cast<int>(std::bit_width(file->entry.bytes)) / 3;
    groups[{file->entry.table, file->entry.date, size}].push_back(file.get());
  }
  std::vector<const PinnedFile*> best;
  for (auto& [key, files] : groups) {
    const bool over = std::get<1>(key) < newest;
    if (files.size() > (over ? kFilesOfOldDay : kFilesOfSize) && files.size() > best.size()) {
      best = files;
    }
  }
  std::ranges::sort(best, {}, [](const PinnedFile* file) { return file->entry.bytes; });
  std::uint64_t bytes = 0;
  std::size_t count = 0;
  while (count < best.size() && count < kMergeFilesMax &&
         (count < 2 || bytes + best[count]->entry.bytes <= options_.file_bytes_target)) {
    bytes += best[count++]->entry.bytes;
  }
  best.resize(count);
  return best;
}

base::Result<bool> DuckdbStore::compact() {
  const std::vector<const PinnedFile*> inputs = files_to_merge();
  if (inputs.empty()) {
    return false;
  }
  Manifest manifest = manifest_;
  manifest.generation = ++last_generation_;
  const auto before = current();
  Sealer sealer(options_, files_);
  auto merged = sealer.merge(inputs, manifest.column_sets, manifest.generation);
  if (!merged) {
    return merged.error();
  }
  merged->column_set = current_column_set(merged->table, manifest);
  const auto is_input = [&inputs](const FileEntry& entry) {
    return std::ranges::any_of(
        inputs, [&entry](const PinnedFile* file) { return file->entry.path == entry.path; });
  };
  std::erase_if(manifest.files, is_input);
  manifest.files.push_back(std::move(*merged));
  if (auto done = commit(std::move(manifest), std::make_shared<Snapshot>(*before)); !done) {
    return done.error();
  }
  for (const auto& file : *before->files) {
    if (is_input(file->entry)) {
      file->retire();
    }
  }
  return true;
}

Stats DuckdbStore::stats() const {
  const auto snapshot = current();
  Stats stats;
  stats.visible = snapshot->visible;
  stats.sealed = snapshot->sealed;
  for (const Table table : kTables) {
    for (const auto& chunk : snapshot->hot[index_of(table)]) {
      stats.hot_rows += chunk->rows();
      stats.hot_bytes += chunk->memory_bytes();
      stats.event_rows += table == Table::kEvent ? chunk->rows() : 0;
    }
  }
  for (const auto& file : *snapshot->files) {
    ++stats.files;
    stats.file_bytes += file->entry.bytes;
    stats.event_rows += file->entry.table == Table::kEvent ? file->entry.rows : 0;
  }
  return stats;
}

/// The engine and what it shows, belonging together; a broken engine is replaced first.
DuckdbStore::View DuckdbStore::view() {
  const std::lock_guard lock(mutex_);
  if (engine_->broken()) {
    log_.warning("the query engine gave itself up and is started anew");
    auto engine = Engine::open(options_, snapshot_);
    if (engine) {
      engine_ = std::move(*engine);
    }
  }
  return {engine_, snapshot_};
}

base::Result<QueryResult> DuckdbStore::attempt(const Question& question) {
  for (int i = 1;; ++i) {
    const View view = this->view();
    auto result = view.engine->run(question, view.snapshot);
    if (result || i == kAttempts || current()->generation == view.snapshot->generation) {
      return result;
    }
  }
}

base::Result<QueryResult> DuckdbStore::query(std::string_view sql, ResultFormat format,
                                             const QueryLimits& limits) {
  const Watchdog::Deadline deadline = std::chrono::steady_clock::now() + limits.deadline;
  if (!gate_.enter(deadline)) {
    return base::fail(base::Code::kUnavailable, "too many queries are running");
  }
  auto result = attempt({sql, format, limits, deadline});
  gate_.leave();
  return result;
}

}  // namespace

base::Result<std::unique_ptr<Store>> open(Options options, io::FileSystem& files, base::Log& log) {
  auto store = std::make_unique<DuckdbStore>(std::move(options), files, log);
  if (auto started = store->start(); !started) {
    return started.error();
  }
  return std::unique_ptr<Store>(std::move(store));
}

base::Result<std::string> move_aside(const std::string& folder, io::FileSystem& files,
                                     const base::Clock& clock) {
  std::string name = folder + ".damaged-" + std::to_string(base::to_ms(clock.now()) / 1000);
  if (auto renamed = files.rename(folder, name); !renamed) {
    return renamed.error();
  }
  const std::size_t slash = folder.rfind('/');
  const std::string parent = slash == std::string::npos ? "." : folder.substr(0, slash);
  if (auto synced = files.sync_directory(parent); !synced) {
    return synced.error();
  }
  return name;
}

}  // namespace store::duckdb
