#include "engine/registry_tables.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace engine {
namespace {

using Rows = std::vector<std::vector<store::Cell>>;

store::Cell text(std::string value) { return {false, 0, 0, std::move(value)}; }

/// Few rows, made at once.
class ListScan final : public store::VirtualTable::Scan {
 public:
  explicit ListScan(Rows rows) : rows_(std::move(rows)) {}
  base::Result<Rows> next(std::size_t rows_max) override {
    const auto count = static_cast<std::ptrdiff_t>(std::min(rows_max, rows_.size()));
    Rows out(std::make_move_iterator(rows_.begin()),
             std::make_move_iterator(rows_.begin() + count));
    rows_.erase(rows_.begin(), rows_.begin() + count);
    return out;
  }

 private:
  Rows rows_;
};

class RegistryTable final : public store::VirtualTable {
 public:
  using Maker = void (*)(const registry::App& app, Rows& rows);

  RegistryTable(std::string name, std::vector<std::string> columns, Maker maker,
                RegistrySnapshot snapshot)
      : name_(std::move(name)),
        columns_(std::move(columns)),
        maker_(maker),
        snapshot_(std::move(snapshot)) {}

  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] std::vector<store::VirtualColumn> columns() const override {
    std::vector<store::VirtualColumn> out;
    for (const std::string& column : columns_) {
      out.push_back({column, event::ColumnType::kText});
    }
    return out;
  }
  base::Result<std::unique_ptr<Scan>> scan() override {
    Rows rows;
    for (const registry::App& app : snapshot_()->apps()) {
      maker_(app, rows);
    }
    return std::unique_ptr<Scan>(std::make_unique<ListScan>(std::move(rows)));
  }

 private:
  const std::string name_;
  const std::vector<std::string> columns_;
  const Maker maker_;
  const RegistrySnapshot snapshot_;
};

void add_pool(const registry::App& app, Rows& rows) {
  if (!app.settings.cognito_identity_pool_id.empty()) {
    rows.push_back({text(app.id), text(app.settings.cognito_identity_pool_id)});
  }
}

void add_cognito_ids(const registry::App& app, Rows& rows) {
  for (const auto& [access_key_id, cognito_id] : app.cognito_ids) {
    rows.push_back({text(app.id), text(access_key_id), text(cognito_id)});
  }
}

}  // namespace

std::shared_ptr<store::VirtualTable> identity_pool_table(RegistrySnapshot snapshot) {
  return std::make_shared<RegistryTable>(
      "identity_pool_rows", std::vector<std::string>{"app_id", "cognito_identity_pool_id"},
      add_pool, std::move(snapshot));
}

std::shared_ptr<store::VirtualTable> cognito_table(RegistrySnapshot snapshot) {
  return std::make_shared<RegistryTable>(
      "cognito_rows", std::vector<std::string>{"app_id", "access_key_id", "cognito_id"},
      add_cognito_ids, std::move(snapshot));
}

}  // namespace engine
