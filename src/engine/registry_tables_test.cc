#include "engine/registry_tables.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace engine {
namespace {

RegistrySnapshot two_apps() {
  registry::App shop;
  shop.id = "shop";
  shop.settings.cognito_identity_pool_id = "eu-west-1:pool";
  shop.cognito_ids = {{"AKIA1", "eu-west-1:one"}, {"AKIA2", "eu-west-1:two"}};
  registry::App plain;
  plain.id = "plain";
  auto snapshot = std::make_shared<const registry::Snapshot>(
      std::vector<registry::App>{shop, plain}, std::map<std::string, registry::Token>{});
  return [snapshot] { return snapshot; };
}

/// All rows, `rows_max` at a time: cells with commas, rows with semicolons.
std::string rows_of(store::VirtualTable& table, std::size_t rows_max) {
  std::string out;
  const auto scan = table.scan();
  EXPECT_TRUE(scan);
  for (;;) {
    const auto block = (*scan)->next(rows_max);
    EXPECT_TRUE(block);
    if (block->empty()) {
      return out;
    }
    for (const auto& row : *block) {
      EXPECT_EQ(row.size(), table.columns().size());
      for (const store::Cell& cell : row) {
        out.append(cell.null ? "NULL" : cell.text).append(",");
      }
      out.back() = ';';
    }
  }
}

TEST(RegistryTables, ListOnlyWhatApplicationsHave) {
  EXPECT_EQ(rows_of(*identity_pool_table(two_apps()), 10), "shop,eu-west-1:pool;");
  for (const std::size_t rows_max : {std::size_t{1}, std::size_t{2}, std::size_t{10}}) {
    EXPECT_EQ(rows_of(*cognito_table(two_apps()), rows_max),
              "shop,AKIA1,eu-west-1:one;shop,AKIA2,eu-west-1:two;");
  }
}

}  // namespace
}  // namespace engine
