#pragma once
// The tables that the store takes from elsewhere, out of lists: two people, a request, the Cognito
// identities of an application, and a rejection that was replayed. For tests of this room.

#include "store/duckdb/test_store.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace store::duckdb {

class Listed final : public VirtualTable {
 public:
  Listed(std::string name, std::vector<VirtualColumn> columns, std::vector<std::vector<Cell>> rows)
      : name_(std::move(name)), columns_(std::move(columns)), rows_(std::move(rows)) {}

  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] std::vector<VirtualColumn> columns() const override { return columns_; }
  base::Result<std::unique_ptr<Scan>> scan() override {
    return std::unique_ptr<Scan>(std::make_unique<Rows>(rows_));
  }

 private:
  class Rows final : public Scan {
   public:
    explicit Rows(std::vector<std::vector<Cell>> rows) : rows_(std::move(rows)) {}
    base::Result<std::vector<std::vector<Cell>>> next(std::size_t /*rows_max*/) override {
      return std::exchange(rows_, {});
    }

   private:
    std::vector<std::vector<Cell>> rows_;
  };
  std::string name_;
  std::vector<VirtualColumn> columns_;
  std::vector<std::vector<Cell>> rows_;
};

inline Cell text(std::string value) { return {false, 0, 0, std::move(value)}; }
inline Cell number(std::int64_t value) { return {false, value, 0, ""}; }

inline std::shared_ptr<VirtualTable> test_people() {
  using enum event::ColumnType;
  const std::vector<VirtualColumn> columns = {{"api", kText},
                                              {"user_pseudo_id", kText},
                                              {"user_id", kText},
                                              {"user_properties", kJson},
                                              {"identities", kJson},
                                              {"first_seen", kTimestamp},
                                              {"last_seen", kTimestamp},
                                              {"first_touch_time", kTimestamp},
                                              {"first_touch", kJson}};
  const std::string properties =
      R"({"Points":{"value":7,"set_time_msec":1700000000000},)"
      R"("Name":{"value":"Ada","set_time_msec":9223372036854775807},"Odd":{"value":null}})";
  return std::make_shared<Listed>(
      "user_rows", columns,
      std::vector<std::vector<Cell>>{
          {text("clickstream"), text("u1"), Cell{}, text(properties),
           text(R"([{"kind":"device","value":"u1"},{"kind":"user","value":"a"}])"),
           number(kDay * kDayUs), number(kDay * kDayUs + 1), Cell{},
           text(R"({"source":"mail","channel_group":"Email","category":"Unassigned"})")},
          {text("clevertap"), text("u2"), text("b"), text("{}"), text("[]"), number(0), number(0),
           Cell{}, Cell{}}});
}

inline std::shared_ptr<VirtualTable> test_requests() {
  using enum event::ColumnType;
  std::vector<VirtualColumn> columns = {{"app_id", kText}, {"api", kText}};
  columns.push_back({"received_at", kTimestamp});
  for (const char* name : {"rid", "method", "path", "uri", "ip", "ua", "data"}) {
    columns.push_back({name, kText});
  }
  columns.push_back({"journal_position", kInt});
  columns.push_back({"kind", kText});
  const std::string uri =
      "/collect?platform=Web&appId=my%20shop&compression=&upload_timestamp=1700000000123";
  std::vector<Cell> row = {text("my shop"), text("clickstream"), number(kDay * kDayUs + 1'999'999)};
  for (const std::string& value :
       {std::string("rid-1"), std::string("POST"), std::string("/collect"), uri,
        std::string("192.0.2.9"), std::string("curl/8"), std::string("[]")}) {
    row.push_back(text(value));
  }
  row.push_back(number(1));
  row.push_back(text("accepted"));
  return std::make_shared<Listed>("ingestion_rows", columns, std::vector<std::vector<Cell>>{row});
}

inline std::vector<VirtualView> test_tables() {
  using enum event::ColumnType;
  const auto listed = [](std::string name, std::vector<VirtualColumn> columns,
                         std::vector<std::vector<Cell>> rows) {
    return std::make_shared<Listed>(std::move(name), std::move(columns), std::move(rows));
  };
  return {
      {test_people(), {"user", "users"}},
      {test_requests(), {"ingestion_events"}},
      {listed("replayed_rejections", {{"journal_position", kInt}, {"record_index", kInt}},
              {{number(1), number(1)}}),
       {}},
      {listed("identity_pool_rows", {{"app_id", kText}, {"cognito_identity_pool_id", kText}},
              {{text("shop"), text("eu-west-1:pool")}}),
       {}},
      {listed("cognito_rows", {{"app_id", kText}, {"access_key_id", kText}, {"cognito_id", kText}},
              {{text("shop"), text("AKIA1"), text("eu-west-1:one")},
               {text("shop"), text("AKIA2"), text("eu-west-1:two")}}),
       {}},
  };
}

}  // namespace store::duckdb
