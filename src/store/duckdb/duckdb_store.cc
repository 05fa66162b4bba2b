#include "store/duckdb/duckdb_store.h"

#include "base/thread_priority.h"
#include "store/duckdb/engine.h"
#include "store/duckdb/manifest.h"
#include "store/duckdb/sealer.h"
#include "store/duckdb/snapshot.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>
#include <mutex>
#include <new>
#include <utility>

namespace store::duckdb {
namespace {

/// A query whose generation was replaced under it is run again, this often at most.
constexpr int kAttempts = 20;

class DuckdbStore final : public Store {
 public:
  DuckdbStore(Options options, io::FileSystem& files, base::Log& log)
      : options_(std::move(options)), files_(files), log_(log), gate_(options_.queries_max) {}

  base::Status start();

  base::Status append(Batch batch) override;
  base::Status seal() override;
  base::Result<bool> compact() override;
  void interrupt() override { merge_in_hand_.interrupt(); }
  base::Result<bool> check() override {
    return check_next(*current()->files, checked_, options_.folder, files_);
  }
  bool suspected() override { return suspected_.exchange(false); }
  base::Status clear() override;
  [[nodiscard]] Position visible_position() const override { return current()->visible; }
  [[nodiscard]] Position sealed_position() const override { return current()->sealed; }
  [[nodiscard]] Stats stats() const override { return stats_of(*current()); }
  base::Result<QueryResult> query(std::string_view sql, ResultFormat format,
                                  const QueryLimits& limits) override {
    Question question;
    question.sql = sql;
    question.format = format;
    return ask(std::move(question), limits);
  }
  base::Status read_events(const EventRange& range, std::span<const std::string_view> columns,
                           const QueryLimits& limits, RowSink& sink) override {
    Question question = rows_question(range, columns);
    question.sink = &sink;
    auto done = ask(std::move(question), limits);
    return done ? base::ok() : base::Status(done.error());
  }
  base::Result<std::string> copy_events(const EventRange& range,
                                        const QueryLimits& limits) override;

 private:
  struct View {
    std::shared_ptr<Engine> engine;
    std::shared_ptr<const Snapshot> snapshot;
  };
  [[nodiscard]] std::shared_ptr<const Snapshot> current() const;
  View view();
  base::Result<QueryResult> ask(Question question, const QueryLimits& limits);
  base::Result<QueryResult> attempt(const Question& question);
  void replace(std::shared_ptr<const Snapshot> snapshot);
  base::Status commit(Manifest manifest, const std::function<void(Snapshot&)>& change);
  std::shared_ptr<const Snapshot> freeze();
  void thaw();
  base::Status seal_frozen(const std::shared_ptr<const Snapshot>& before);
  base::Status write_files(const Snapshot& snapshot, std::vector<FileEntry>& entries);
  base::Status replace_files(const FileList& inputs, FileEntry merged);
  std::shared_ptr<const FileList> pin(const Manifest& manifest) const {
    return pin_files(manifest, snapshot_ == nullptr ? FileList() : *snapshot_->files,
                     options_.folder, files_);
  }

  const Options options_;
  io::FileSystem& files_;
  base::Log& log_;
  Gate gate_;
  /// Held while files are recorded: a seal and a merge may end at the same time. Guards the next
  /// three. Taken before write_mutex_.
  std::mutex files_mutex_;
  Manifest manifest_;
  std::uint64_t published_ = 0;
  Leftovers leftovers_{options_.folder, files_};
  /// Also of attempts that failed: no file name is ever used twice.
  std::atomic<std::uint64_t> last_generation_ = 0;
  MergeInHand merge_in_hand_;
  std::string checked_;  ///< The file check() read last; of the thread that merges.
  std::atomic<bool> suspected_ = false;
  std::atomic<std::uint64_t> copies_ = 0;  ///< Files copy_events() has named.

  /// Held while a new snapshot is made out of the current one. Taken before mutex_.
  std::mutex write_mutex_;

  mutable std::mutex mutex_;  ///< Guards the next two.
  std::shared_ptr<Engine> engine_;
  std::shared_ptr<const Snapshot> snapshot_;
};

std::shared_ptr<const Snapshot> DuckdbStore::current() const {
  const std::lock_guard lock(mutex_);
  return snapshot_;
}

base::Status DuckdbStore::start() {
  // An engine would remove the folder it makes for what does not fit into memory, with files of
  // others in it.
  if (auto made = files_.create_directories(io::join(options_.folder, kSpillFolder)); !made) {
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

void DuckdbStore::replace(std::shared_ptr<const Snapshot> snapshot) {
  const std::lock_guard lock(mutex_);
  snapshot_.swap(snapshot);
}

base::Status DuckdbStore::append(Batch batch) {
  const std::lock_guard writing(write_mutex_);
  auto next = std::make_shared<Snapshot>(*current());
  const auto add = [&next](Table table, const auto& rows) {
    const std::size_t index = index_of(table);
    append_rows(rows, next->frozen[index], next->hot[index]);
  };
  add(Table::kEvent, batch.events.rows());
  add(Table::kItem, batch.items);
  add(Table::kRejected, batch.rejected);
  next->visible = std::max(next->visible, batch.through);
  replace(std::move(next));
  return base::ok();
}

/// Makes `manifest` the truth on disk, then shows its files to queries. `change` takes out of the
/// newest snapshot what the files stand for now.
base::Status DuckdbStore::commit(Manifest manifest, const std::function<void(Snapshot&)>& change) {
  if (auto saved = save_manifest(manifest, options_.folder, files_); !saved) {
    leftovers_.save_failed(manifest_, manifest);
    return saved;
  }
  manifest_ = std::move(manifest);
  leftovers_.saved();
  const std::lock_guard writing(write_mutex_);
  auto next = std::make_shared<Snapshot>(*current());
  change(*next);
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
    suspected_ = true;
  } else if (++published_ % std::max(1U, options_.engine_commits_max) == 0) {
    engine_->give_up();
  }
  old = std::exchange(snapshot_, std::move(next));
  return base::ok();
}

base::Status DuckdbStore::clear() {
  const std::lock_guard recording(files_mutex_);
  Manifest manifest = manifest_;
  manifest.generation = ++last_generation_;
  manifest.files.clear();
  manifest.sealed = 0;
  const auto before = current();
  const auto forget = [](Snapshot& next) {
    next.hot = {};
    next.frozen = {};
    next.visible = 0;
  };
  if (auto done = commit(std::move(manifest), forget); !done) {
    return done;
  }
  for (const auto& file : *before->files) {
    file->retire();
  }
  return base::ok();
}

/// Makes append() leave the chunks alone that are there now, and gives them.
std::shared_ptr<const Snapshot> DuckdbStore::freeze() {
  const std::lock_guard writing(write_mutex_);
  auto next = std::make_shared<Snapshot>(*current());
  for (const Table table : kTables) {
    next->frozen[index_of(table)] = next->hot[index_of(table)].size();
  }
  replace(next);
  return next;
}

void DuckdbStore::thaw() {
  const std::lock_guard writing(write_mutex_);
  auto next = std::make_shared<Snapshot>(*current());
  next->frozen = {};
  replace(std::move(next));
}

base::Status DuckdbStore::seal() {
  auto done = seal_frozen(freeze());
  if (!done) {
    thaw();
  }
  return_memory();
  return done;
}

base::Status DuckdbStore::write_files(const Snapshot& snapshot, std::vector<FileEntry>& entries) {
  const std::uint64_t generation = ++last_generation_;
  Sealer sealer(options_, files_);
  for (const Table table : kTables) {
    const ChunkList& chunks = snapshot.hot[index_of(table)];
    if (auto written = sealer.write(table, chunks, generation, entries); !written) {
      return written;
    }
  }
  return options_.before_commit();
}

base::Status DuckdbStore::seal_frozen(const std::shared_ptr<const Snapshot>& before) {
  std::vector<FileEntry> entries;
  if (auto written = write_files(*before, entries); !written) {
    for (const FileEntry& entry : entries) {
      static_cast<void>(files_.remove(io::join(options_.folder, entry.path)));
    }
    return written;
  }
  const std::lock_guard recording(files_mutex_);
  Manifest manifest = manifest_;
  manifest.generation = ++last_generation_;
  manifest.sealed = before->visible;
  for (FileEntry& entry : entries) {
    entry.column_set = current_column_set(entry.table, manifest);
    manifest.files.push_back(std::move(entry));
  }
  return commit(std::move(manifest), [](Snapshot& next) {
    for (const Table table : kTables) {
      ChunkList& chunks = next.hot[index_of(table)];
      const auto count = static_cast<std::ptrdiff_t>(next.frozen[index_of(table)]);
      chunks.erase(chunks.begin(), chunks.begin() + count);
    }
    next.frozen = {};
  });
}

base::Result<bool> DuckdbStore::compact() {
  const auto before = current();
  const FileList inputs = files_to_merge(*before->files, options_.file_bytes_target);
  if (inputs.empty()) {
    return false;
  }
  auto merged = [&] {
    Sealer sealer(options_, files_);
    const MergeInHand::Scope in_hand(merge_in_hand_, sealer);
    return sealer.merge(inputs, *before->column_sets, ++last_generation_);
  }();
  return_memory();  // the engine of the merge is gone
  if (!merged) {
    return merged.error();
  }
  auto done = replace_files(inputs, std::move(*merged));
  return done ? base::Result<bool>(true) : done.error();
}

base::Status DuckdbStore::replace_files(const FileList& inputs, FileEntry merged) {
  const std::lock_guard recording(files_mutex_);
  Manifest manifest = manifest_;
  manifest.generation = ++last_generation_;
  std::erase_if(manifest.files, [&inputs](const FileEntry& entry) {
    return std::ranges::any_of(
        inputs, [&entry](const auto& file) { return file->entry.path == entry.path; });
  });
  merged.column_set = current_column_set(merged.table, manifest);
  manifest.files.push_back(std::move(merged));
  if (auto done = commit(std::move(manifest), [](Snapshot&) {}); !done) {
    return done;
  }
  for (const auto& file : inputs) {
    file->retire();
  }
  return base::ok();
}

/// The engine and what it shows, belonging together; a broken engine is replaced first.
DuckdbStore::View DuckdbStore::view() {
  const std::lock_guard lock(mutex_);
  if (engine_->broken()) {
    log_.info("the query engine is started anew");
    const base::EveryProcessor for_its_threads;  // whoever asked
    if (auto engine = Engine::open(options_, snapshot_)) {
      engine_ = std::move(*engine);
    }
  }
  return {engine_, snapshot_};
}

base::Result<QueryResult> DuckdbStore::attempt(const Question& question) {
  for (int i = 1;; ++i) {
    const View view = this->view();
    if (view.snapshot->visible < question.through) {
      return base::fail(base::Code::kUnavailable,
                        "position " + std::to_string(question.through) + " is not loaded yet");
    }
    auto result = view.engine->run(question, view.snapshot);
    if (result || i == kAttempts || current()->generation == view.snapshot->generation) {
      return result;
    }
  }
}

base::Result<QueryResult> DuckdbStore::ask(Question question, const QueryLimits& limits) {
  question.limits = limits;
  question.deadline = std::chrono::steady_clock::now() + limits.deadline;
  if (!gate_.enter(question.deadline)) {
    return base::fail(base::Code::kUnavailable, "too many queries are running");
  }
  const auto guarded = [&]() -> base::Result<QueryResult> {
    try {
      return attempt(question);
    } catch (const std::bad_alloc&) {
      return base::fail(base::Code::kTooLarge, "the result needs more memory than there is");
    } catch (const std::exception& error) {
      return base::fail(base::Code::kInternal, error.what());
    }
  };
  auto result = guarded();
  gate_.leave();
  suspected_ = suspected_ || (!result && may_be_damage(result.error().message));
  return result;
}

base::Result<std::string> DuckdbStore::copy_events(const EventRange& range,
                                                   const QueryLimits& limits) {
  const std::string folder = io::join(options_.folder, kSpillFolder);
  if (auto made = files_.create_directories(folder); !made) {
    return made.error();
  }
  const std::string path = io::join(folder, "copy-" + std::to_string(++copies_) + ".parquet");
  if (auto done = ask(copy_question(range, path), limits); !done) {
    static_cast<void>(files_.remove(path));
    return done.error();
  }
  return path;
}

}  // namespace

base::Result<std::unique_ptr<Store>> open(Options options, io::FileSystem& files, base::Log& log) {
  auto folder = folder_for_engine(options.folder);
  if (!folder) {
    return std::move(folder).error();
  }
  options.folder = *std::move(folder);
  auto store = std::make_unique<DuckdbStore>(std::move(options), files, log);
  if (auto started = store->start(); !started) {
    return started.error();
  }
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace store::duckdb
