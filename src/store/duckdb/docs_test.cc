// docs/tables.md says of every table and view exactly the columns there are, in their order.

#include "store/duckdb/test_store.h"
#include "store/duckdb/test_tables.h"

#include <map>

namespace store::duckdb {
namespace {

using Columns = std::vector<std::string>;  // "name TYPE"

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    out.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

/// Rows "| `name` | TYPE | meaning |" under headings "## table".
std::map<std::string, Columns> documented() {
  const auto files = io::posix_file_system();
  const auto text = io::read_file(*files, CATCHMENT_DOCS "/tables.md", 1U << 20U);
  std::map<std::string, Columns> out;
  std::string table;
  for (const std::string& line : lines_of(text ? *text : "")) {
    if (line.starts_with("## ")) {
      table = line.substr(3);
    } else if (line.starts_with("| `")) {
      const std::size_t name_end = line.find('`', 3);
      const std::size_t type_end = line.find(" | ", name_end + 4);
      EXPECT_GT(line.size(), type_end + 6) << "no meaning: " << line;
      out[table].push_back(line.substr(3, name_end - 3) + " " +
                           line.substr(name_end + 4, type_end - name_end - 4));
    }
  }
  return out;
}

class Docs : public StoreTest {
 protected:
  Columns columns_of(const std::string& schema, const std::string& table) {
    const std::string text =
        ask("SELECT column_name || ' ' || data_type AS c FROM information_schema.columns WHERE "
            "table_schema = '" +
                schema + "' AND table_name = '" + table + "' ORDER BY ordinal_position",
            ResultFormat::kTable);
    Columns out = lines_of(text);
    out.erase(out.begin(), out.begin() + 2);
    return out;
  }
};

TEST_F(Docs, ListTheColumnsOfEveryTable) {
  options_.virtual_tables = test_tables();
  open_store();
  const std::map<std::string, Columns> docs = documented();
  Columns tables = lines_of(
      ask("SELECT table_schema || '.' || table_name FROM information_schema.tables ORDER BY ALL",
          ResultFormat::kTable));
  tables.erase(tables.begin(), tables.begin() + 2);
  EXPECT_EQ(tables.size(), 19U);
  for (const std::string& name : tables) {
    if (name == "main.user" || name == "main.users" || name == "main.ingestion_events") {
      continue;  // only what their vendors' views need is here
    }
    const std::size_t dot = name.find('.');
    const std::string schema = name.substr(0, dot);
    const std::string own =
        name == "main.every_rejected_event" ? "rejected_event" : name.substr(dot + 1);
    const std::string heading = schema == "main" ? own : name;
    const auto found = docs.find(heading);
    ASSERT_NE(found, docs.end()) << heading;
    EXPECT_EQ(columns_of(schema, name.substr(dot + 1)), found->second) << heading;
  }
}

}  // namespace
}  // namespace store::duckdb
