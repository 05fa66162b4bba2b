#include "store/duckdb/duckdb_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace store::duckdb {
namespace {

TEST(DuckdbStore, AppendedRowIsQueryableAtOnce) {
  char name[] = "/tmp/catchment_store_XXXXXX";
  const std::string folder = mkdtemp(name);
  const auto files = io::posix_file_system();
  Options options;
  options.folder = folder + "/store";
  auto store = open(options, *files, base::null_log());
  ASSERT_TRUE(store) << store.error().message;
  Batch batch;
  event::Event event;
  event.app_id = "shop";
  event.event_id = "e1";
  event.event_name = "add";
  event.event_timestamp = 1'700'000'000'123'456;
  event.event_date = 19675;
  event.properties = R"({"a":1,"b":"x","c":1.5,"d":{"e":[1]}})";
  event.journal_position = 7;
  batch.events.push_back(event);
  batch.through = 7;
  ASSERT_TRUE((*store)->append(std::move(batch)));
  const auto show = [&](std::string_view sql) {
    auto r = (*store)->query(sql, ResultFormat::kJson, {});
    return r ? r->text : r.error().message;
  };
  std::string sql = "SELECT app_id, event_timestamp, event_date, properties, platform FROM event";
  const std::string before = show(sql);
  EXPECT_EQ(before,
            "[\n{\"app_id\":\"shop\",\"event_timestamp\":\"2023-11-14 "
            "22:13:20.123456\",\"event_date\":\"2023-11-14\",\"properties\":{\"a\":1,\"b\":\"x\","
            "\"c\":1.5,\"d\":{\"e\":[1]}},\"platform\":null}\n]\n");
  EXPECT_EQ(show("SELECT count(*) AS n FROM event_parameter"), "[\n{\"n\":4}\n]\n");
  auto sealed = (*store)->seal();
  ASSERT_TRUE(sealed) << sealed.error().message;
  EXPECT_EQ(show(sql), before);
  EXPECT_EQ((*store)->sealed_position(), 7U);
  store->reset();
  store = open(options, *files, base::null_log());
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_EQ(show(sql), before);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace store::duckdb
