#include "store/duckdb/chunk.h"

#include "store/duckdb/tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <random>

namespace store::duckdb {
namespace {

std::vector<event::Event> random_events(std::mt19937& random, std::size_t count) {
  std::vector<event::Event> out(count);
  for (event::Event& event : out) {
    // Few columns have values in one batch, so that merging meets columns with and without any.
    const auto mask = random();
    event.app_id = (mask & 1U) != 0 ? "app" + std::to_string(random() % 3) : "";
    event.page_title = (mask & 6U) == 6 ? std::string(random() % 40, 'x') : "";
    if ((mask & 24U) == 24) {
      event.session_number = static_cast<std::int64_t>(random()) - 2'000'000'000;
    }
    if ((mask & 224U) == 224) {
      event.event_value = static_cast<double>(random()) / 7;
    }
    event.journal_position = static_cast<std::int64_t>(random());
  }
  return out;
}

TEST(Chunks, HoldTheRowsAppendedHoweverTheyAreSplit) {
  std::mt19937 random(7);
  const auto columns = table_columns(Table::kEvent);
  const std::size_t app = column_index(columns, "app_id");
  const std::size_t title = column_index(columns, "page_title");
  const std::size_t number = column_index(columns, "session_number");
  const std::size_t value = column_index(columns, "event_value");
  ChunkList chunks;
  std::vector<event::Event> expected;
  for (int round = 0; round < 60; ++round) {
    const auto events = random_events(random, 1 + random() % (round % 20 == 0 ? 5'000 : 30));
    append_rows(events, 0, chunks);
    expected.insert(expected.end(), events.begin(), events.end());
  }
  std::size_t at = 0;
  for (const auto& chunk : chunks) {
    const auto text = [&chunk](std::size_t column, std::size_t row) {
      return chunk->column(column).all_null() ? std::string_view()
                                              : chunk->column(column).text(row);
    };
    for (std::size_t row = 0; row < chunk->rows(); ++row, ++at) {
      ASSERT_EQ(text(app, row), expected[at].app_id);
      ASSERT_EQ(text(title, row), expected[at].page_title);
      ASSERT_EQ(chunk->column(number).number(row), expected[at].session_number);
      const auto bits = chunk->column(value).number(row);
      ASSERT_EQ(bits.has_value(), expected[at].event_value.has_value());
      ASSERT_TRUE(!bits || std::bit_cast<double>(*bits) == *expected[at].event_value);
    }
  }
  EXPECT_EQ(at, expected.size());
  EXPECT_LT(chunks.size(), expected.size() / 500 + 20);
}

TEST(Chunks, FrozenOnesAreNotMerged) {
  ChunkList chunks;
  const std::vector<event::Event> one(1);
  append_rows(one, 0, chunks);
  const auto first = chunks[0];
  append_rows(one, 1, chunks);
  append_rows(one, 1, chunks);
  ASSERT_EQ(chunks.size(), 2U);
  EXPECT_EQ(chunks[0], first);
  EXPECT_EQ(chunks[1]->rows(), 2U);
}

TEST(Chunks, ColumnsWithoutValuesTakeNoMemory) {
  ChunkList chunks;
  append_rows(std::vector<event::Event>(2'000), 0, chunks);
  ASSERT_EQ(chunks.size(), 1U);
  EXPECT_LT(chunks[0]->memory_bytes(), 2'000U * 30);
}

}  // namespace
}  // namespace store::duckdb
