#include "store/duckdb/sealer.h"

#include "base/clock.h"
#include "base/time_text.h"
#include "store/duckdb/engine.h"
#include "store/duckdb/handles.h"
#include "store/duckdb/manifest.h"
#include "store/duckdb/scan.h"
#include "store/duckdb/table_sql.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <map>
#include <memory>
#include <tuple>
#include <utility>

namespace store::duckdb {

/// What the table function reads: the rows of one file, in order.
struct SealJob {
  std::vector<ColumnInfo> columns;
  const ChunkList* chunks = nullptr;
  std::vector<RowRef> rows;
  std::size_t next = 0;
};

struct SealEngine {
  Database database;
  Connection connection;
};

namespace {

/// compact() leaves alone: this many files of one table, day and size, or of a day that is over.
constexpr std::size_t kFilesOfSize = 7;
constexpr std::size_t kFilesOfOldDay = 3;
constexpr std::size_t kMergeFilesMax = 64;

constexpr std::string_view kFunction = "rows_to_seal";

/// Rows that could never be sealed would stop the loader for good: of the settings' memory.
constexpr unsigned kMemoryFactorMax = 32;

void job_bind(duckdb_bind_info info) {
  const auto* job = static_cast<SealJob*>(duckdb_bind_get_extra_info(info));
  for (const ColumnInfo& column : job->columns) {
    duckdb_bind_add_result_column(info, std::string(column.name).c_str(),
                                  logical_type(column.type).get());
  }
}

void job_init(duckdb_init_info info) { duckdb_init_set_max_threads(info, 1); }

void job_scan(duckdb_function_info info, duckdb_data_chunk output) {
  auto* job = static_cast<SealJob*>(duckdb_function_get_extra_info(info));
  job->next +=
      write_next(*job->chunks, std::span(job->rows).subspan(job->next), job->columns, output);
}

base::Status register_job(duckdb_connection connection, SealJob& job) {
  const TableFunction function(duckdb_create_table_function());
  duckdb_table_function_set_name(function.get(), std::string(kFunction).c_str());
  duckdb_table_function_set_extra_info(function.get(), &job, nullptr);
  duckdb_table_function_set_bind(function.get(), job_bind);
  duckdb_table_function_set_init(function.get(), job_init);
  duckdb_table_function_set_function(function.get(), job_scan);
  if (duckdb_register_table_function(connection, function.get()) != DuckDBSuccess) {
    return base::fail(base::Code::kInternal, "the function that gives rows to seal was refused");
  }
  return base::ok();
}

/// FOLDER/TABLE/date=DAY/FIRST-LAST-GENERATION.parquet, and until it is complete with .tmp.
std::string file_path(const FileEntry& entry, std::uint64_t generation) {
  const std::string day = base::format_date(base::Time(std::chrono::days(entry.date)));
  return std::string(table_name(entry.table)) + "/date=" + day + "/" + std::to_string(entry.first) +
         "-" + std::to_string(entry.last) + "-" + std::to_string(generation) + ".parquet";
}

/// What the rows of a file, or of its source, amount to; the same in any order.
struct Fingerprint {
  std::uint64_t rows = 0;
  std::uint64_t values = 0;
};

bool is_out_of_memory(std::string_view message) { return message.starts_with("Out of Memory"); }

base::Result<Fingerprint> fingerprint(duckdb_connection connection, const std::string& select,
                                      bool every_value) {
  const std::string sql = std::string("SELECT count(*), ") +
                          (every_value ? "coalesce(bit_xor(hash(file_row)), 0)" : "0::UBIGINT") +
                          " FROM (" + select + ") AS file_row";
  QueryOutcome outcome;
  if (duckdb_query(connection, sql.c_str(), outcome.out()) != DuckDBSuccess) {
    const char* message = duckdb_result_error(outcome.out());
    const bool memory = message != nullptr && is_out_of_memory(message);
    return base::fail(memory ? base::Code::kTooLarge : base::Code::kCorrupt,
                      "rows to seal cannot be read back");
  }
  return Fingerprint{duckdb_value_uint64(outcome.out(), 0, 0),
                     duckdb_value_uint64(outcome.out(), 1, 0)};
}

}  // namespace

Sealer::Sealer(const Options& options, io::FileSystem& files)
    : options_(options), files_(files), job_(std::make_unique<SealJob>()) {}

Sealer::~Sealer() = default;

base::Status Sealer::start(Spill spill) {
  if (engine_ != nullptr) {
    return base::ok();
  }
  auto engine = std::make_unique<SealEngine>();
  if (duckdb_open(nullptr, engine->database.out()) != DuckDBSuccess ||
      duckdb_connect(engine->database.get(), engine->connection.out()) != DuckDBSuccess) {
    return base::fail(base::Code::kInternal, "the engine that writes files does not start");
  }
  const std::vector<std::string> settings = {
      "SET GLOBAL threads = 1",
      // With one thread rows stay in their order all the same; row groups end by size only so.
      "SET GLOBAL preserve_insertion_order = false",
      "SET GLOBAL temp_directory = " +
          sql_string(spill == Spill::kYes ? io::join(options_.folder, kSpillFolder) : ""),
      "SET GLOBAL autoinstall_known_extensions = false",
      "SET GLOBAL autoload_known_extensions = false",
  };
  for (const std::string& setting : settings) {
    if (auto done = execute(engine->connection.get(), setting); !done) {
      return done;
    }
  }
  if (auto registered = register_job(engine->connection.get(), *job_); !registered) {
    return registered;
  }
  engine_ = std::move(engine);
  running_ = engine_.get();
  return set_memory(options_.seal_memory_bytes);
}

/// A row that was not written as it was meant must not be the only copy left once the journal lets
/// go of it.
base::Status Sealer::check(const std::string& path, const FileEntry& entry,
                           const std::string& select) {
  const bool every_value = options_.verify_files;
  const auto written =
      fingerprint(engine_->connection.get(),
                  "SELECT * FROM read_parquet(" + sql_string(path) + ", hive_partitioning = false)",
                  every_value);
  if (!written) {
    return written.error();
  }
  if (written->rows != entry.rows) {
    return base::fail(base::Code::kCorrupt, "a file that was just written holds " +
                                                std::to_string(written->rows) +
                                                " rows instead of " + std::to_string(entry.rows));
  }
  if (!every_value) {
    return base::ok();
  }
  job_->next = 0;
  const auto meant = fingerprint(engine_->connection.get(), select, true);
  if (!meant) {
    return meant.error();
  }
  if (meant->values != written->values) {
    return base::fail(base::Code::kCorrupt,
                      "a file that was just written holds other values than its rows have");
  }
  return base::ok();
}

base::Status Sealer::set_memory(std::uint64_t bytes) {
  return execute(engine_->connection.get(),
                 "SET GLOBAL memory_limit = '" + std::to_string(bytes) + "B'");
}

/// kTooLarge when memory did not suffice.
base::Status Sealer::write_file(const std::string& path, const FileEntry& entry,
                                const std::string& select) {
  job_->next = 0;
  auto copied = execute(engine_->connection.get(), copy_sql(select, path));
  if (!copied && is_out_of_memory(copied.error().message)) {
    return base::fail(base::Code::kTooLarge, copied.error().message);
  }
  return copied ? check(path, entry, select) : copied;
}

base::Result<FileEntry> Sealer::copy(FileEntry entry, const std::string& select,
                                     unsigned memory_factor_max) {
  const std::string path = io::join(options_.folder, entry.path);
  const std::string temporary = path + ".tmp";
  if (auto made = files_.create_directories(path.substr(0, path.rfind('/'))); !made) {
    return made.error();
  }
  base::Status done = write_file(temporary, entry, select);
  const auto too_large = [&done] { return !done && done.error().code == base::Code::kTooLarge; };
  for (unsigned factor = 2; factor <= memory_factor_max && too_large(); factor *= 2) {
    done = set_memory(options_.seal_memory_bytes * factor);
    done = done ? write_file(temporary, entry, select) : done;
  }
  auto kept = done ? keep(std::move(entry), temporary) : base::Result<FileEntry>(done.error());
  if (!kept) {
    static_cast<void>(files_.remove(temporary));
    static_cast<void>(files_.remove(path));
  }
  return kept;
}

base::Result<FileEntry> Sealer::keep(FileEntry entry, const std::string& temporary) {
  const std::string path = io::join(options_.folder, entry.path);
  const std::string day = path.substr(0, path.rfind('/'));
  const std::string table = day.substr(0, day.rfind('/'));
  auto file = files_.open(temporary, io::OpenMode::kReadWrite);
  if (!file) {
    return file.error();
  }
  const auto size = (*file)->size();
  if (!size) {
    return size.error();
  }
  (*file)->write_out(0, *size);
  if (auto synced = (*file)->sync_data(); !synced) {
    return synced.error();
  }
  entry.bytes = *size;
  const auto sum = checksum_of(**file, *size);
  if (!sum) {
    return sum.error();
  }
  entry.crc32c = *sum;
  if (auto renamed = files_.rename(temporary, path); !renamed) {
    return renamed.error();
  }
  for (const std::string& folder : {day, table, options_.folder}) {
    if (auto synced = files_.sync_directory(folder); !synced) {
      return synced.error();
    }
  }
  return entry;
}

base::Status Sealer::write(Table table, const ChunkList& chunks, std::uint64_t generation,
                           std::vector<FileEntry>& out) {
  if (chunks.empty()) {
    return base::ok();
  }
  if (auto started = start(Spill::kNo); !started) {
    return started.error();
  }
  job_->columns = table_columns(table);
  job_->chunks = &chunks;
  const std::size_t position = column_index(job_->columns, "journal_position");
  const auto position_of = [&](RowRef ref) {
    return static_cast<event::Position>(
        chunks[ref.chunk]->column(position).number(ref.row).value_or(0));
  };
  for (auto& [day, rows] : rows_by_day(table, chunks)) {
    const auto [first, last] = std::ranges::minmax(rows, {}, position_of);
    FileEntry entry;
    entry.table = table;
    entry.date = day;
    entry.rows = rows.size();
    entry.first = position_of(first);
    entry.last = position_of(last);
    entry.path = file_path(entry, generation);
    job_->rows = std::move(rows);
    auto written =
        copy(std::move(entry), "SELECT * FROM " + std::string(kFunction) + "()", kMemoryFactorMax);
    if (!written) {
      return written.error();
    }
    out.push_back(std::move(*written));
  }
  return base::ok();
}

void Sealer::interrupt() {
  interrupted_ = true;
  if (SealEngine* const engine = running_) {
    duckdb_interrupt(engine->connection.get());
  }
}

base::Result<FileEntry> Sealer::merge(const FileList& inputs,
                                      const std::vector<std::vector<std::string>>& column_sets,
                                      std::uint64_t generation) {
  auto merged = merge_files(inputs, column_sets, generation);
  if (!merged && interrupted_) {
    return base::fail(base::Code::kUnavailable, "merging was interrupted");
  }
  return merged;
}

base::Result<FileEntry> Sealer::merge_files(
    const FileList& inputs, const std::vector<std::vector<std::string>>& column_sets,
    std::uint64_t generation) {
  if (auto started = start(Spill::kYes); !started) {
    return started.error();
  }
  FileEntry entry;
  entry.table = inputs.front()->entry.table;
  entry.date = inputs.front()->entry.date;
  entry.first = inputs.front()->entry.first;
  std::map<std::uint32_t, std::vector<std::string>> by_columns;
  for (const auto& input : inputs) {
    if (interrupted_) {
      return base::fail(base::Code::kUnavailable, "interrupted");
    }
    // Damage must not get into a file whose checksum fits.
    if (auto whole = check_content(input->entry, options_.folder, files_); !whole) {
      return whole.error();
    }
    entry.rows += input->entry.rows;
    entry.first = std::min(entry.first, input->entry.first);
    entry.last = std::max(entry.last, input->entry.last);
    by_columns[input->entry.column_set].push_back(input->path());
  }
  entry.path = file_path(entry, generation);
  std::string select;
  for (const auto& [column_set, paths] : by_columns) {
    select += select.empty() ? "" : " UNION ALL ";
    select += files_select_sql(entry.table, paths, column_sets[column_set]);
  }
  select = "SELECT * FROM (" + select + ") ORDER BY " + merged_order(entry.table);
  auto merged = copy(std::move(entry), select, 1);
  if (!merged && merged.error().code == base::Code::kCorrupt) {
    // The files that are listed are whole: what is wrong is thrown away.
    return base::fail(base::Code::kInternal, merged.error().message);
  }
  return merged;
}

base::Result<bool> check_next(const FileList& files, std::string& after, const std::string& folder,
                              io::FileSystem& disk) {
  const PinnedFile* next = nullptr;
  for (const auto& file : files) {
    if (file->entry.path > after && (next == nullptr || file->entry.path < next->entry.path)) {
      next = file.get();
    }
  }
  if (next == nullptr) {
    after.clear();
    return false;
  }
  after = next->entry.path;
  if (auto whole = check_content(next->entry, folder, disk); !whole) {
    return whole.error();
  }
  return true;
}

FileList files_to_merge(const FileList& files, std::uint64_t bytes_target) {
  std::map<std::tuple<Table, std::int32_t, int>, FileList> groups;
  std::int32_t newest = std::numeric_limits<std::int32_t>::min();
  for (const auto& file : files) {
    newest = std::max(newest, file->entry.date);
  }
  for (const auto& file : files) {
    if (file->entry.bytes >= bytes_target) {
      continue;
    }
    const int size = static_cast<int>(std::bit_width(file->entry.bytes)) / 3;
    groups[{file->entry.table, file->entry.date, size}].push_back(file);
  }
  FileList best;
  for (auto& [key, members] : groups) {
    const bool over = std::get<1>(key) < newest;
    if (members.size() > (over ? kFilesOfOldDay : kFilesOfSize) && members.size() > best.size()) {
      best = members;
    }
  }
  std::ranges::sort(best, {}, [](const auto& file) { return file->entry.bytes; });
  std::uint64_t bytes = 0;
  std::size_t count = 0;
  while (count < best.size() && count < kMergeFilesMax &&
         (count < 2 || bytes + best[count]->entry.bytes <= bytes_target)) {
    bytes += best[count++]->entry.bytes;
  }
  best.resize(count);
  return best;
}

}  // namespace store::duckdb
