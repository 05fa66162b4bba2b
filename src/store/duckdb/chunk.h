#pragma once
// The hot rows: what is visible to queries but not in files yet, as immutable columns in our own
// memory. append() builds chunks, a query's scan and the sealer read them. Shared by pointer, so a
// query keeps the rows it began with, whatever is sealed meanwhile.
// Threads: a chunk never changes after it is made; any thread may read it.

#include "event/columns.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace store::duckdb {

/// Rows a chunk holds at most: what one DuckDB vector takes.
inline constexpr std::size_t kChunkRowsMax = 2048;

/// One column of a chunk. A column without any value takes no memory. Text is NULL when empty, so
/// it needs no validity mask.
struct ChunkColumn {
  std::vector<std::uint32_t> ends;    ///< Text: where each row's bytes end.
  std::string bytes;                  ///< Text: all rows, valid UTF-8.
  std::vector<std::int64_t> numbers;  ///< Everything else; a double as its bits.
  std::vector<std::uint64_t> valid;   ///< Numbers: bit set where not NULL; empty when all are.

  [[nodiscard]] bool all_null() const { return ends.empty() && numbers.empty(); }
  /// The text of `row`; only for a text column that is not all NULL.
  [[nodiscard]] std::string_view text(std::size_t row) const {
    const std::size_t begin = row == 0 ? 0 : ends[row - 1];
    return std::string_view(bytes).substr(begin, ends[row] - begin);
  }
  [[nodiscard]] bool number_valid(std::size_t row) const {
    return valid.empty() || ((valid[row / 64] >> (row % 64)) & 1U) != 0;
  }
  [[nodiscard]] std::optional<std::int64_t> number(std::size_t row) const {
    if (numbers.empty() || !number_valid(row)) {
      return std::nullopt;
    }
    return numbers[row];
  }
};

class Chunk {
 public:
  Chunk(std::size_t rows, std::vector<ChunkColumn> columns);

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] const ChunkColumn& column(std::size_t index) const { return columns_[index]; }
  [[nodiscard]] std::size_t columns() const { return columns_.size(); }
  [[nodiscard]] std::size_t memory_bytes() const { return memory_bytes_; }
  /// Bytes of all texts: what limits merging.
  [[nodiscard]] std::size_t text_bytes() const { return text_bytes_; }
  /// The same of one row.
  [[nodiscard]] std::size_t row_text_bytes(std::size_t row) const;

 private:
  std::size_t rows_;
  std::vector<ChunkColumn> columns_;
  std::size_t memory_bytes_ = 0;
  std::size_t text_bytes_ = 0;
};

using ChunkList = std::vector<std::shared_ptr<const Chunk>>;

/// Appends `rows` to `chunks`. Small chunks at the end are replaced by merged ones, so that the
/// list stays about one chunk per 1,024 rows, and a few dozen, however small the appends are; a row
/// is copied a few times at most. The first `frozen` chunks stay as they are. Text that is no UTF-8
/// is repaired: it would make a file unreadable.
void append_rows(std::span<event::Event* const> rows, std::size_t frozen, ChunkList& chunks);
void append_rows(std::span<const event::ItemRow> rows, std::size_t frozen, ChunkList& chunks);
void append_rows(std::span<const event::RejectedRow> rows, std::size_t frozen, ChunkList& chunks);

}  // namespace store::duckdb
