#include "store/duckdb/chunk.h"

#include "base/check.h"
#include "json/writer.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <type_traits>
#include <utility>
#include <variant>

namespace store::duckdb {
namespace {

/// A chunk's texts end at 32-bit offsets; one row may be longer than this, a second one may not
/// join it then.
constexpr std::size_t kChunkTextBytesMax = std::size_t{256} << 20U;

bool is_ascii(std::string_view text) {
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + i, 8);
    if ((word & 0x8080808080808080U) != 0) {
      return false;
    }
  }
  for (; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0x80U) != 0) {
      return false;
    }
  }
  return true;
}

void set_bit(std::vector<std::uint64_t>& bits, std::size_t row) {
  bits[row / 64] |= std::uint64_t{1} << (row % 64);
}

template <class Row>
ChunkColumn text_column(std::span<const Row> rows, std::string Row::* field) {
  ChunkColumn column;
  std::size_t bytes = 0;
  for (const Row& row : rows) {
    bytes += (row.*field).size();
  }
  if (bytes == 0) {
    return column;
  }
  column.ends.reserve(rows.size());
  column.bytes.reserve(bytes);
  for (const Row& row : rows) {
    const std::string& text = row.*field;
    if (is_ascii(text)) {
      column.bytes += text;
    } else {
      column.bytes += json::make_utf8(text);
    }
    column.ends.push_back(static_cast<std::uint32_t>(column.bytes.size()));
  }
  return column;
}

template <class Row>
ChunkColumn api_column(std::span<const Row> rows, event::Api Row::* field) {
  ChunkColumn column;
  column.ends.reserve(rows.size());
  for (const Row& row : rows) {
    column.bytes += event::api_name(row.*field);
    column.ends.push_back(static_cast<std::uint32_t>(column.bytes.size()));
  }
  return column;
}

template <class Row, class Number>
ChunkColumn number_column(std::span<const Row> rows, std::optional<Number> Row::* field) {
  ChunkColumn column;
  const auto filled = static_cast<std::size_t>(
      std::ranges::count_if(rows, [field](const Row& row) { return (row.*field).has_value(); }));
  if (filled == 0) {
    return column;
  }
  if (filled < rows.size()) {
    column.valid.resize((rows.size() + 63) / 64);
  }
  column.numbers.resize(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::optional<Number>& value = rows[i].*field;
    if (!value) {
      continue;
    }
    column.numbers[i] = std::bit_cast<std::int64_t>(*value);
    if (!column.valid.empty()) {
      set_bit(column.valid, i);
    }
  }
  return column;
}

template <class Row>
std::shared_ptr<const Chunk> make_chunk(std::span<const Row> rows,
                                        std::span<const event::Column<Row>> columns) {
  std::vector<ChunkColumn> out;
  out.reserve(columns.size());
  for (const event::Column<Row>& column : columns) {
    out.push_back(std::visit(
        [&rows](auto field) {
          using Field = std::remove_reference_t<decltype(std::declval<Row&>().*field)>;
          if constexpr (std::is_same_v<Field, std::string>) {
            return text_column(rows, field);
          } else if constexpr (std::is_same_v<Field, event::Api>) {
            return api_column(rows, field);
          } else {
            return number_column(rows, field);
          }
        },
        column.field));
  }
  return std::make_shared<const Chunk>(rows.size(), std::move(out));
}

template <class Row>
std::size_t text_bytes(const Row& row, std::span<const event::Column<Row>> columns) {
  std::size_t bytes = 0;
  for (const event::Column<Row>& column : columns) {
    if (const auto* field = std::get_if<std::string Row::*>(&column.field)) {
      bytes += (row.**field).size();
    }
  }
  return bytes;
}

/// How many of `rows` fit into one chunk: at least one.
template <class Row>
std::size_t chunk_rows(std::span<const Row> rows, std::span<const event::Column<Row>> columns) {
  const std::size_t limit = std::min(rows.size(), kChunkRowsMax);
  std::size_t bytes = 0;
  for (std::size_t count = 0; count < limit; ++count) {
    bytes += text_bytes(rows[count], columns);
    if (bytes > kChunkTextBytesMax) {
      return std::max<std::size_t>(count, 1);
    }
  }
  return limit;
}

void append_text(const ChunkColumn& from, std::size_t rows, ChunkColumn& to) {
  const auto base = static_cast<std::uint32_t>(to.bytes.size());
  if (from.ends.empty()) {
    to.ends.insert(to.ends.end(), rows, base);
    return;
  }
  to.bytes += from.bytes;
  for (const std::uint32_t end : from.ends) {
    to.ends.push_back(base + end);
  }
}

ChunkColumn merge_text(const Chunk& left, const Chunk& right, std::size_t index) {
  const ChunkColumn& a = left.column(index);
  const ChunkColumn& b = right.column(index);
  ChunkColumn out;
  out.ends.reserve(left.rows() + right.rows());
  out.bytes.reserve(a.bytes.size() + b.bytes.size());
  append_text(a, left.rows(), out);
  append_text(b, right.rows(), out);
  return out;
}

ChunkColumn merge_numbers(const Chunk& left, const Chunk& right, std::size_t index) {
  const std::size_t rows = left.rows() + right.rows();
  ChunkColumn out;
  out.numbers.resize(rows);
  out.valid.resize((rows + 63) / 64);
  std::size_t filled = 0;
  const auto add = [&](const Chunk& from, std::size_t offset) {
    const ChunkColumn& column = from.column(index);
    for (std::size_t row = 0; row < from.rows(); ++row) {
      if (const std::optional<std::int64_t> value = column.number(row)) {
        out.numbers[offset + row] = *value;
        set_bit(out.valid, offset + row);
        ++filled;
      }
    }
  };
  add(left, 0);
  add(right, left.rows());
  if (filled == rows) {
    out.valid = {};
  }
  return out;
}

std::shared_ptr<const Chunk> merge(const Chunk& left, const Chunk& right) {
  std::vector<ChunkColumn> columns;
  columns.reserve(left.columns());
  for (std::size_t i = 0; i < left.columns(); ++i) {
    const ChunkColumn& a = left.column(i);
    const ChunkColumn& b = right.column(i);
    if (a.all_null() && b.all_null()) {
      columns.emplace_back();
    } else if (!a.ends.empty() || !b.ends.empty()) {
      columns.push_back(merge_text(left, right, i));
    } else {
      columns.push_back(merge_numbers(left, right, i));
    }
  }
  return std::make_shared<const Chunk>(left.rows() + right.rows(), std::move(columns));
}

bool worth_merging(const Chunk& left, const Chunk& right) {
  return left.rows() + right.rows() <= kChunkRowsMax && left.rows() <= 2 * right.rows() &&
         left.text_bytes() + right.text_bytes() <= kChunkTextBytesMax;
}

void add_chunk(std::shared_ptr<const Chunk> chunk, std::size_t frozen, ChunkList& chunks) {
  while (chunks.size() > frozen && worth_merging(*chunks.back(), *chunk)) {
    chunk = merge(*chunks.back(), *chunk);
    chunks.pop_back();
  }
  chunks.push_back(std::move(chunk));
}

template <class Row>
void append_all(std::span<const Row> rows, std::span<const event::Column<Row>> columns,
                std::size_t frozen, ChunkList& chunks) {
  while (!rows.empty()) {
    const std::size_t count = chunk_rows(rows, columns);
    add_chunk(make_chunk(rows.first(count), columns), frozen, chunks);
    rows = rows.subspan(count);
  }
}

}  // namespace

Chunk::Chunk(std::size_t rows, std::vector<ChunkColumn> columns)
    : rows_(rows), columns_(std::move(columns)) {
  CHECK(rows_ > 0 && rows_ <= kChunkRowsMax);
  memory_bytes_ = sizeof(Chunk) + columns_.capacity() * sizeof(ChunkColumn);
  for (const ChunkColumn& column : columns_) {
    text_bytes_ += column.bytes.size();
    memory_bytes_ += column.bytes.capacity() + column.ends.capacity() * sizeof(std::uint32_t) +
                     column.numbers.capacity() * sizeof(std::int64_t) +
                     column.valid.capacity() * sizeof(std::uint64_t);
  }
}

std::vector<std::size_t> Chunk::row_text_bytes() const {
  std::vector<std::size_t> bytes(rows_);
  for (const ChunkColumn& column : columns_) {
    std::uint32_t begin = 0;
    for (std::size_t row = 0; row < column.ends.size(); ++row) {
      bytes[row] += column.ends[row] - begin;
      begin = column.ends[row];
    }
  }
  return bytes;
}

void append_rows(std::span<const event::Event> rows, std::size_t frozen, ChunkList& chunks) {
  append_all(rows, event::event_columns(), frozen, chunks);
}

void append_rows(std::span<const event::ItemRow> rows, std::size_t frozen, ChunkList& chunks) {
  append_all(rows, event::item_columns(), frozen, chunks);
}

void append_rows(std::span<const event::RejectedRow> rows, std::size_t frozen, ChunkList& chunks) {
  append_all(rows, event::rejected_columns(), frozen, chunks);
}

}  // namespace store::duckdb
