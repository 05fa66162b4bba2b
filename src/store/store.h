#pragma once
// Where rows live and how they are asked for: a projection of the journal that can be deleted and
// derived again. One implementation: store/duckdb. Generated SQL and engine headers stay behind it.

#include "base/result.h"
#include "event/columns.h"
#include "event/record.h"
#include "store/event_list.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace store {

using event::Position;

/// Rows of one step of the loader: everything the journal records up to `through` made, in order.
struct Batch {
  EventList events;  ///< Their `items` are ignored; see `items`.
  std::vector<event::ItemRow> items;
  std::vector<event::RejectedRow> rejected;
  Position through = 0;
};

struct QueryLimits {
  std::chrono::milliseconds deadline{60'000};
  std::uint64_t rows_max = 0;  ///< 0: no limit.
  std::uint64_t text_bytes_max = std::uint64_t{1} << 30U;
};

enum class ResultFormat : std::uint8_t { kJson, kCsv, kTable };

struct QueryResult {
  std::string text;  ///< In the format asked for.
  std::uint64_t rows = 0;
};

/// A table that is not kept in the store's files but read from elsewhere when it is asked for
/// (user, ingestion_events). The store calls `scan` with a sink; rows are handed over in blocks.
struct VirtualColumn {
  std::string name;
  event::ColumnType type = event::ColumnType::kText;
};
/// One cell; text for kText and kJson, microseconds for kTimestamp, days for kDate.
struct Cell {
  bool null = true;
  std::int64_t integer = 0;
  double real = 0;
  std::string text;
};
class VirtualTable {
 public:
  VirtualTable() = default;
  VirtualTable(const VirtualTable&) = delete;
  VirtualTable& operator=(const VirtualTable&) = delete;
  virtual ~VirtualTable() = default;

  /// One pass over the rows. Threads: one scan by one thread; several scans at once.
  class Scan {
   public:
    Scan() = default;
    Scan(const Scan&) = delete;
    Scan& operator=(const Scan&) = delete;
    virtual ~Scan() = default;
    /// Up to `rows_max` further rows, each with one cell per column; empty at the end.
    virtual base::Result<std::vector<std::vector<Cell>>> next(std::size_t rows_max) = 0;
  };

  [[nodiscard]] virtual std::string name() const = 0;  ///< Of the table function behind the view.
  [[nodiscard]] virtual std::vector<VirtualColumn> columns() const = 0;
  virtual base::Result<std::unique_ptr<Scan>> scan() = 0;
};

/// Rows of `event` that the program itself reads.
struct EventRange {
  std::string app_id;
  Position after = 0;          ///< Exclusive.
  Position through = 0;        ///< Inclusive.
  event::Int received_from;    ///< Epoch microseconds, inclusive.
  event::Int received_before;  ///< Exclusive.
};
/// A value that was read; `integer` as in Cell. Lifetime: until row() returns.
struct Field {
  bool null = true;
  std::int64_t integer = 0;
  double real = 0;
  std::string_view text;
};
/// Takes the rows of a range.
class RowSink {
 public:
  RowSink() = default;
  RowSink(const RowSink&) = delete;
  RowSink& operator=(const RowSink&) = delete;
  virtual ~RowSink() = default;

  /// The first row follows. Called again where the reading had to begin anew.
  virtual void begin() = 0;
  virtual void row(std::span<const Field> fields) = 0;
  /// Bytes kept so far, for QueryLimits::text_bytes_max.
  [[nodiscard]] virtual std::size_t bytes() const = 0;
};

struct Stats {
  Position visible = 0;  ///< Queries see every row up to here.
  Position sealed = 0;   ///< In files; the journal before it is not needed to rebuild `event`.
  std::uint64_t hot_rows = 0;
  std::uint64_t hot_bytes = 0;
  std::uint64_t files = 0;
  std::uint64_t file_bytes = 0;
  std::uint64_t event_rows = 0;
};

/// Threads: append() and clear() from the loader's thread only. seal() from one thread at a time,
/// compact() and check() from another, none of them beside clear(); append() goes on beside them.
/// query(), stats() and the positions from any thread.
class Store {
 public:
  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;

  /// Makes the rows visible to queries that start after it returns.
  virtual base::Status append(Batch batch) = 0;
  /// Writes all rows that are hot when it is called into files, syncs, and records them in the
  /// manifest together with the position they reach. Durable: after it returns.
  virtual base::Status seal() = 0;
  /// Merges small files of one day and table, at most one merge a call; false when nothing to do.
  virtual base::Result<bool> compact() = 0;
  /// A compact() under way ends soon, with kUnavailable and the files as they were, unless it is
  /// about to end by itself. From any thread.
  virtual void interrupt() {}
  /// Reads the next file against what was written, until all are read: then false, and the call
  /// after it begins anew. kCorrupt names a damaged file: only clear() helps. Threads: as
  /// compact().
  virtual base::Result<bool> check() { return false; }
  /// True once after a query failed as it would on a damaged file. From any thread.
  virtual bool suspected() { return false; }
  /// Forgets every row: both positions are 0 afterwards, and the loader derives all of them again.
  /// Durable: after it returns. From the loader's thread only.
  virtual base::Status clear() {
    return base::fail(base::Code::kInternal, "this store cannot be emptied");
  }

  [[nodiscard]] virtual Position visible_position() const = 0;
  [[nodiscard]] virtual Position sealed_position() const = 0;
  [[nodiscard]] virtual Stats stats() const = 0;

  /// Runs exactly one read-only SELECT. kInvalid carries the engine's message; kTooLarge when
  /// memory or `limits` ran out; kUnavailable past the deadline.
  virtual base::Result<QueryResult> query(std::string_view sql, ResultFormat format,
                                          const QueryLimits& limits) = 0;

  /// Gives the rows of `range` in the order of their positions, those of one request by time;
  /// `columns` are columns of `event`. kUnavailable while `range.through` is not visible, else as
  /// query().
  virtual base::Status read_events(const EventRange& range,
                                   std::span<const std::string_view> columns,
                                   const QueryLimits& limits, RowSink& sink) {
    static_cast<void>(range), static_cast<void>(columns), static_cast<void>(limits);
    static_cast<void>(sink);
    return base::fail(base::Code::kInternal, "this store gives no rows");
  }
  /// Writes the rows of `range` with every column into a Parquet file of the store's own folder,
  /// in no order. Gives its path; the caller removes it. Fails as read_events().
  virtual base::Result<std::string> copy_events(const EventRange& range,
                                                const QueryLimits& limits) {
    static_cast<void>(range), static_cast<void>(limits);
    return base::fail(base::Code::kInternal, "this store writes no copies");
  }
};

}  // namespace store
