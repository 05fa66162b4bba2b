#include "loader/state/tables.h"

#include "event/record.h"
#include "loader/state/sqlite.h"

#include <cstdint>
#include <utility>

namespace loader::state {
namespace {

using event::ColumnType;
using store::Cell;

/// How a column's value lies in the database.
enum class Form : std::uint8_t {
  kValue,
  kTime,  ///< Microseconds; 0 means none.
  kApi,   ///< The number of an API.
};

struct TableColumn {
  std::string name;
  ColumnType type = ColumnType::kText;
  std::string sql;
  Form form = Form::kValue;
};

struct Definition {
  std::string name;
  std::string from;
  std::vector<TableColumn> columns;
};

Cell cell_of(const Statement& row, int at, const TableColumn& column) {
  Cell cell;
  if (column.form == Form::kApi) {
    cell.text = event::api_name(static_cast<event::Api>(row.integer(at)));
    cell.null = false;
  } else if (column.type == ColumnType::kText || column.type == ColumnType::kJson) {
    cell.text = row.text(at);
    cell.null = cell.text.empty();
  } else {
    cell.integer = row.integer(at);
    cell.null = row.null(at) || (column.form == Form::kTime && cell.integer == 0);
  }
  return cell;
}

/// Shares the definition, so that it may outlive its table.
class StateScan final : public store::VirtualTable::Scan {
 public:
  StateScan(std::shared_ptr<const Definition> definition, std::unique_ptr<Database> database,
            Statement rows)
      : definition_(std::move(definition)),
        database_(std::move(database)),
        rows_(std::move(rows)) {}

  base::Result<std::vector<std::vector<Cell>>> next(std::size_t rows_max) override {
    std::vector<std::vector<Cell>> block;
    while (!ended_ && block.size() < rows_max) {
      auto more = rows_.row();
      if (!more) {
        return more.error();
      }
      ended_ = !*more;
      if (ended_) {
        break;
      }
      std::vector<Cell>& cells = block.emplace_back();
      cells.reserve(definition_->columns.size());
      for (std::size_t at = 0; at < definition_->columns.size(); ++at) {
        cells.push_back(cell_of(rows_, static_cast<int>(at), definition_->columns[at]));
      }
    }
    return block;
  }

 private:
  std::shared_ptr<const Definition> definition_;
  std::unique_ptr<Database> database_;
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
    std::vector<store::VirtualColumn> columns;
    for (const TableColumn& column : definition_->columns) {
      columns.push_back({column.name, column.type});
    }
    return columns;
  }

  base::Result<std::unique_ptr<Scan>> scan() override {
    auto database = Database::open(path_, Database::Mode::kReadOnly);
    if (!database) {
      return database.error();
    }
    std::string sql = "SELECT ";
    for (const TableColumn& column : definition_->columns) {
      sql += sql.size() > 7 ? "," : "";
      sql += column.sql;
    }
    auto rows = (*database)->prepare(sql + " FROM " + definition_->from);
    if (!rows) {
      return rows.error();
    }
    return std::unique_ptr<Scan>(
        std::make_unique<StateScan>(definition_, std::move(*database), std::move(*rows)));
  }

 private:
  std::string path_;
  std::shared_ptr<const Definition> definition_;
};

}  // namespace

std::shared_ptr<store::VirtualTable> users_table(std::string path) {
  using enum ColumnType;
  Definition users{"user_rows",
                   "person",
                   {{"app_id", kText, "app_id"},
                    {"api", kText, "api", Form::kApi},
                    {"user_pseudo_id", kText, "user_pseudo_id"},
                    {"user_id", kText, "user_id"},
                    {"user_id_kind", kText, "user_id_kind"},
                    {"identities", kJson, "identities"},
                    {"user_properties", kJson, "user_properties"},
                    {"first_seen", kTimestamp, "first_seen", Form::kTime},
                    {"last_seen", kTimestamp, "last_seen", Form::kTime},
                    {"events", kInt, "events"},
                    {"platform", kText, "platform"},
                    {"country_code", kText, "country_code"},
                    {"first_touch_time", kTimestamp, "first_touch_time", Form::kTime},
                    {"first_touch", kJson, "first_touch"},
                    {"journal_position", kInt, "journal_position"}}};
  return std::make_shared<StateTable>(std::move(path), std::move(users));
}

std::shared_ptr<store::VirtualTable> replayed_table(std::string path) {
  using enum ColumnType;
  Definition replayed{"replayed_rejections",
                      "replayed",
                      {{"journal_position", kInt, "position"},
                       {"record_index", kInt, "record_index"},
                       {"replayed_by", kInt, "replayed_by"}}};
  return std::make_shared<StateTable>(std::move(path), std::move(replayed));
}

}  // namespace loader::state
