#include "loader/state/tables.h"

#include "event/record.h"
#include "loader/person/row.h"
#include "loader/state/person_store.h"
#include "loader/state/sqlite.h"

#include <cstdint>
#include <utility>

namespace loader::state {
namespace {

using event::ColumnType;
using person::Person;
using store::Cell;

struct Definition {
  std::string name;
  std::string sql;
  std::vector<store::VirtualColumn> columns;
  bool common_texts = false;  ///< Rows hold numbers of them.
  /// The cells of all columns.
  base::Status (*read)(const Statement& row, const CommonTexts& texts, std::vector<Cell>& cells);
};

Cell text_cell(std::string text) {
  Cell cell;
  cell.null = text.empty();
  cell.text = std::move(text);
  return cell;
}

Cell number_cell(std::int64_t number) {
  Cell cell;
  cell.integer = number;
  cell.null = false;
  return cell;
}

/// Microseconds; 0 means none.
Cell time_cell(std::int64_t time_us) {
  Cell cell = number_cell(time_us);
  cell.null = time_us == 0;
  return cell;
}

struct UserColumn {
  const char* name;
  ColumnType type;
  Cell (*cell)(const Person& person);
};

constexpr UserColumn kUserColumns[] = {
    {"app_id", ColumnType::kText, [](const Person& of) { return text_cell(of.app_id); }},
    {"api", ColumnType::kText,
     [](const Person& of) { return text_cell(std::string(event::api_name(of.api))); }},
    {"user_pseudo_id", ColumnType::kText,
     [](const Person& of) { return text_cell(of.user_pseudo_id); }},
    {"user_id", ColumnType::kText, [](const Person& of) { return text_cell(of.user_id); }},
    {"user_id_kind", ColumnType::kText,
     [](const Person& of) { return text_cell(of.user_id_kind); }},
    {"identities", ColumnType::kJson,
     [](const Person& of) { return text_cell(person::identities_to_json(of.identities)); }},
    {"user_properties", ColumnType::kJson,
     [](const Person& of) { return text_cell(person::properties_to_json(of.properties)); }},
    {"first_seen", ColumnType::kTimestamp,
     [](const Person& of) { return time_cell(of.first_seen_us); }},
    {"last_seen", ColumnType::kTimestamp,
     [](const Person& of) { return time_cell(of.last_seen_us); }},
    {"events", ColumnType::kInt, [](const Person& of) { return number_cell(of.events); }},
    {"platform", ColumnType::kText, [](const Person& of) { return text_cell(of.platform); }},
    {"country_code", ColumnType::kText,
     [](const Person& of) { return text_cell(of.country_code); }},
    {"first_touch_time", ColumnType::kTimestamp,
     [](const Person& of) { return time_cell(of.first_touch_us); }},
    {"first_touch", ColumnType::kJson, [](const Person& of) { return text_cell(of.first_touch); }},
    {"journal_position", ColumnType::kInt,
     [](const Person& of) { return number_cell(static_cast<std::int64_t>(of.position)); }},
};

base::Status read_user(const Statement& row, const CommonTexts& texts, std::vector<Cell>& cells) {
  Person person;
  if (auto read = person::read_row(row.blob(0), texts, person); !read) {
    return read;
  }
  for (const UserColumn& column : kUserColumns) {
    cells.push_back(column.cell(person));
  }
  return base::ok();
}

base::Status read_replayed(const Statement& row, const CommonTexts& /*texts*/,
                           std::vector<Cell>& cells) {
  for (const int column : {0, 1, 2}) {
    cells.push_back(number_cell(row.integer(column)));
  }
  return base::ok();
}

/// Shares the definition, so that it may outlive its table.
class StateScan final : public store::VirtualTable::Scan {
 public:
  StateScan(std::shared_ptr<const Definition> definition, std::unique_ptr<Database> database)
      : definition_(std::move(definition)), database_(std::move(database)) {}

  base::Status begin() {
    // One moment for both: a row holds numbers of texts that were there before it.
    if (auto begun = database_->run("BEGIN"); !begun) {
      return begun;
    }
    if (definition_->common_texts) {
      auto texts = read_common_texts(*database_);
      if (!texts) {
        return texts.error();
      }
      texts_ = std::move(*texts);
    }
    auto rows = database_->prepare(definition_->sql);
    if (!rows) {
      return rows.error();
    }
    rows_ = std::move(*rows);
    return base::ok();
  }

  base::Result<std::vector<std::vector<Cell>>> next(std::size_t rows_max) override {
    std::vector<std::vector<Cell>> block;
    while (!ended_ && block.size() < rows_max) {
      auto more = rows_.row();
      if (!more) {
        return more.error();
      }
      ended_ = !*more;
      if (ended_) {
        // The moment it shows is kept no longer than needed: the log of the state grows meanwhile.
        rows_ = Statement();
        database_.reset();
        break;
      }
      std::vector<Cell>& cells = block.emplace_back();
      cells.reserve(definition_->columns.size());
      if (auto read = definition_->read(rows_, texts_, cells); !read) {
        return read.error();
      }
    }
    return block;
  }

 private:
  std::shared_ptr<const Definition> definition_;
  std::unique_ptr<Database> database_;
  CommonTexts texts_;
  Statement rows_;  // goes before its database
  bool ended_ = false;
};

class StateTable final : public store::VirtualTable {
 public:
  StateTable(std::string path, Definition definition)
      : path_(std::move(path)),
        definition_(std::make_shared<const Definition>(std::move(definition))) {}

  [[nodiscard]] std::string name() const override { return definition_->name; }

  [[nodiscard]] std::vector<store::VirtualColumn> columns() const override {
    return definition_->columns;
  }

  base::Result<std::unique_ptr<Scan>> scan() override {
    auto database = Database::open(path_, Database::Mode::kReadOnly);
    if (!database) {
      return database.error();
    }
    auto scan = std::make_unique<StateScan>(definition_, std::move(*database));
    if (auto begun = scan->begin(); !begun) {
      return begun.error();
    }
    return std::unique_ptr<Scan>(std::move(scan));
  }

 private:
  std::string path_;
  std::shared_ptr<const Definition> definition_;
};

}  // namespace

std::shared_ptr<store::VirtualTable> users_table(std::string path) {
  Definition users{"user_rows", "SELECT row FROM person", {}, true, &read_user};
  for (const UserColumn& column : kUserColumns) {
    users.columns.push_back({column.name, column.type});
  }
  return std::make_shared<StateTable>(std::move(path), std::move(users));
}

std::shared_ptr<store::VirtualTable> replayed_table(std::string path) {
  using enum ColumnType;
  Definition replayed{"replayed_rejections",
                      "SELECT position, record_index, replayed_by FROM replayed",
                      {{"journal_position", kInt}, {"record_index", kInt}, {"replayed_by", kInt}},
                      false,
                      &read_replayed};
  return std::make_shared<StateTable>(std::move(path), std::move(replayed));
}

}  // namespace loader::state
