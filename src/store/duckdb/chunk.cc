#include "store/duckdb/chunk.h"

#include "base/check.h"
#include "base/text.h"
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

void set_bit(std::vector<std::uint64_t>& bits, std::size_t row) {
  bits[row / 64] |= std::uint64_t{1} << (row % 64);
}

/// A column of texts and how many bytes those of a chunk take.
template <class Row>
struct Texts {
  std::size_t index = 0;
  std::string Row::* field = nullptr;
  std::size_t bytes = 0;
};

template <class Row>
std::vector<Texts<Row>> text_columns(std::span<const event::Column<Row>> columns) {
  std::vector<Texts<Row>> out;
  out.reserve(columns.size());
  for (std::size_t index = 0; index < columns.size(); ++index) {
    if (const auto* field = std::get_if<std::string Row::*>(&columns[index].field)) {
      out.push_back({index, *field});
    }
  }
  return out;
}

/// The texts of a column of which some are not ASCII.
template <class Row>
ChunkColumn repaired(std::span<const Row* const> rows, std::string Row::* field) {
  ChunkColumn column;
  column.ends.reserve(rows.size());
  for (const Row* row : rows) {
    const std::string& text = row->*field;
    if (base::is_ascii(text)) {
      column.bytes += text;
    } else {
      column.bytes += json::make_utf8(text);
    }
    column.ends.push_back(static_cast<std::uint32_t>(column.bytes.size()));
  }
  return column;
}

/// Goes through the rows one by one, as they lie in memory: each takes kilobytes.
template <class Row>
void fill_texts(std::span<const Row* const> rows, std::span<const Texts<Row>> texts,
                std::vector<ChunkColumn>& columns) {
  struct Target {
    std::string Row::* field;
    ChunkColumn* column;
    std::size_t end = 0;
  };
  std::vector<Target> targets;
  targets.reserve(texts.size());
  for (const Texts<Row>& each : texts) {
    if (each.bytes > 0) {
      ChunkColumn& column = columns[each.index];
      column.bytes.resize(each.bytes);
      column.ends.resize(rows.size());
      targets.push_back({each.field, &column});
    }
  }
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (Target& target : targets) {
      const std::string& text = rows[row]->*target.field;
      if (!text.empty()) {
        std::memcpy(target.column->bytes.data() + target.end, text.data(), text.size());
        target.end += text.size();
      }
      target.column->ends[row] = static_cast<std::uint32_t>(target.end);
    }
  }
  for (const Target& target : targets) {
    if (!base::is_ascii(target.column->bytes)) {
      *target.column = repaired(rows, target.field);
    }
  }
}

template <class Row>
ChunkColumn api_column(std::span<const Row* const> rows, event::Api Row::* field) {
  ChunkColumn column;
  column.ends.reserve(rows.size());
  for (const Row* row : rows) {
    column.bytes += event::api_name(row->*field);
    column.ends.push_back(static_cast<std::uint32_t>(column.bytes.size()));
  }
  return column;
}

template <class Row, class Number>
ChunkColumn number_column(std::span<const Row* const> rows, std::optional<Number> Row::* field) {
  ChunkColumn column;
  const auto filled = static_cast<std::size_t>(
      std::ranges::count_if(rows, [field](const Row* row) { return (row->*field).has_value(); }));
  if (filled == 0) {
    return column;
  }
  if (filled < rows.size()) {
    column.valid.resize((rows.size() + 63) / 64);
  }
  column.numbers.resize(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::optional<Number>& value = rows[i]->*field;
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
std::shared_ptr<const Chunk> make_chunk(std::span<const Row* const> rows,
                                        std::span<const event::Column<Row>> columns,
                                        std::span<const Texts<Row>> texts) {
  std::vector<ChunkColumn> out;
  out.reserve(columns.size());
  for (const event::Column<Row>& column : columns) {
    out.push_back(std::visit(
        [&rows](auto field) {
          using Field = std::remove_reference_t<decltype(std::declval<Row&>().*field)>;
          if constexpr (std::is_same_v<Field, std::string>) {
            return ChunkColumn();
          } else if constexpr (std::is_same_v<Field, event::Api>) {
            return api_column(rows, field);
          } else {
            return number_column(rows, field);
          }
        },
        column.field));
  }
  fill_texts(rows, texts, out);
  return std::make_shared<const Chunk>(rows.size(), std::move(out));
}

/// How many of `rows` fit into one chunk, at least one; `texts` then say how long theirs are.
template <class Row>
std::size_t measure(std::span<const Row* const> rows, std::vector<Texts<Row>>& texts) {
  const std::size_t limit = std::min(rows.size(), kChunkRowsMax);
  for (Texts<Row>& each : texts) {
    each.bytes = 0;
  }
  std::size_t bytes = 0;
  for (std::size_t count = 0; count < limit; ++count) {
    const Row& row = *rows[count];
    for (Texts<Row>& each : texts) {
      each.bytes += (row.*each.field).size();
      bytes += (row.*each.field).size();
    }
    if (bytes > kChunkTextBytesMax && count > 0) {
      for (Texts<Row>& each : texts) {
        each.bytes -= (row.*each.field).size();
      }
      return count;
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
  const std::size_t before = to.ends.size();
  to.ends.resize(before + from.ends.size());
  for (std::size_t row = 0; row < from.ends.size(); ++row) {
    to.ends[before + row] = base + from.ends[row];
  }
}

using Run = std::span<const std::shared_ptr<const Chunk>>;

ChunkColumn merge_text(Run run, std::size_t rows, std::size_t index) {
  std::size_t bytes = 0;
  for (const auto& chunk : run) {
    bytes += chunk->column(index).bytes.size();
  }
  ChunkColumn out;
  out.ends.reserve(rows);
  out.bytes.reserve(bytes);
  for (const auto& chunk : run) {
    append_text(chunk->column(index), chunk->rows(), out);
  }
  return out;
}

ChunkColumn merge_numbers(Run run, std::size_t rows, std::size_t index) {
  ChunkColumn out;
  const bool full = std::ranges::all_of(run, [index](const auto& chunk) {
    return !chunk->column(index).all_null() && chunk->column(index).valid.empty();
  });
  if (full) {
    out.numbers.reserve(rows);
    for (const auto& chunk : run) {
      const std::vector<std::int64_t>& numbers = chunk->column(index).numbers;
      out.numbers.insert(out.numbers.end(), numbers.begin(), numbers.end());
    }
    return out;
  }
  out.numbers.resize(rows);
  out.valid.resize((rows + 63) / 64);
  std::size_t filled = 0;
  std::size_t offset = 0;
  for (const auto& chunk : run) {
    const ChunkColumn& column = chunk->column(index);
    for (std::size_t row = 0; row < column.numbers.size(); ++row) {
      if (column.number_valid(row)) {
        out.numbers[offset + row] = column.numbers[row];
        set_bit(out.valid, offset + row);
        ++filled;
      }
    }
    offset += chunk->rows();
  }
  if (filled == rows) {
    out.valid = {};
  }
  return out;
}

std::shared_ptr<const Chunk> merge(Run run) {
  std::size_t rows = 0;
  for (const auto& chunk : run) {
    rows += chunk->rows();
  }
  std::vector<ChunkColumn> columns;
  columns.reserve(run.front()->columns());
  for (std::size_t i = 0; i < run.front()->columns(); ++i) {
    const auto is_text = [i](const auto& chunk) { return !chunk->column(i).ends.empty(); };
    const auto is_null = [i](const auto& chunk) { return chunk->column(i).all_null(); };
    if (std::ranges::all_of(run, is_null)) {
      columns.emplace_back();
    } else if (std::ranges::any_of(run, is_text)) {
      columns.push_back(merge_text(run, rows, i));
    } else {
      columns.push_back(merge_numbers(run, rows, i));
    }
  }
  return std::make_shared<const Chunk>(rows, std::move(columns));
}

/// Each size holds those of up to eight times the rows of the one before.
unsigned size_class(const Chunk& chunk) {
  constexpr unsigned kBitsEach = 3;
  return static_cast<unsigned>(std::bit_width(chunk.rows()) - 1) / kBitsEach;
}

/// How many chunks at the end are to become one: eight of a size class or smaller, or as many as
/// there are when the next one would be too much. Waiting for eight, a row is copied once for each
/// class it passes.
std::size_t due_for_merging(const ChunkList& chunks, std::size_t frozen, const Chunk& next) {
  constexpr std::size_t kRunMax = 8;
  std::size_t count = 0;
  std::size_t rows = 0;
  std::size_t bytes = 0;
  const unsigned size = size_class(next);
  while (count < kRunMax && chunks.size() - count > frozen) {
    const Chunk& chunk = *chunks[chunks.size() - count - 1];
    if (size_class(chunk) > size || rows + chunk.rows() > kChunkRowsMax ||
        bytes + chunk.text_bytes() > kChunkTextBytesMax) {
      break;
    }
    rows += chunk.rows();
    bytes += chunk.text_bytes();
    ++count;
  }
  const bool full =
      rows + next.rows() > kChunkRowsMax || bytes + next.text_bytes() > kChunkTextBytesMax;
  return full || count >= kRunMax ? count : 0;
}

/// What was merged is added as one that comes, so that it may be merged with others of its class.
void add_chunk(std::shared_ptr<const Chunk> chunk, std::size_t frozen, ChunkList& chunks) {
  while (const std::size_t count = due_for_merging(chunks, frozen, *chunk)) {
    if (count < 2) {
      break;
    }
    auto merged = merge(Run(chunks).last(count));
    chunks.resize(chunks.size() - count);
    add_chunk(std::move(merged), frozen, chunks);
  }
  chunks.push_back(std::move(chunk));
}

template <class Row>
void append_all(std::span<const Row* const> rows, std::span<const event::Column<Row>> columns,
                std::size_t frozen, ChunkList& chunks) {
  std::vector<Texts<Row>> texts = text_columns(columns);
  while (!rows.empty()) {
    const std::size_t count = measure(rows, texts);
    add_chunk(make_chunk<Row>(rows.first(count), columns, texts), frozen, chunks);
    rows = rows.subspan(count);
  }
}

template <class Row>
std::vector<const Row*> pointers(std::span<const Row> rows) {
  std::vector<const Row*> out;
  out.reserve(rows.size());
  for (const Row& row : rows) {
    out.push_back(&row);
  }
  return out;
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

std::size_t Chunk::row_text_bytes(std::size_t row) const {
  std::size_t bytes = 0;
  for (const ChunkColumn& column : columns_) {
    bytes += column.ends.empty() ? 0 : column.text(row).size();
  }
  return bytes;
}

void append_rows(std::span<event::Event* const> rows, std::size_t frozen, ChunkList& chunks) {
  append_all<event::Event>({rows.data(), rows.size()}, event::event_columns(), frozen, chunks);
}

void append_rows(std::span<const event::ItemRow> rows, std::size_t frozen, ChunkList& chunks) {
  const auto each = pointers(rows);
  append_all<event::ItemRow>(each, event::item_columns(), frozen, chunks);
}

void append_rows(std::span<const event::RejectedRow> rows, std::size_t frozen, ChunkList& chunks) {
  const auto each = pointers(rows);
  append_all<event::RejectedRow>(each, event::rejected_columns(), frozen, chunks);
}

}  // namespace store::duckdb
