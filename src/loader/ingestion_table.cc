#include "loader/ingestion_table.h"

#include "journal/reader.h"
#include "json/writer.h"
#include "loader/rows.h"

#include <utility>
#include <vector>

namespace loader {
namespace {

using event::ColumnType;
using store::Cell;

Cell text(std::string_view value) { return {value.empty(), 0, 0, json::make_utf8(value)}; }

Cell integer(std::int64_t value) { return {false, value, 0, {}}; }

std::vector<Cell> row_of(const event::Record& record, Position position) {
  const bool accepted = record.kind == event::RecordKind::kAccepted;
  std::vector<Cell> row;
  row.reserve(12);
  row.push_back(text(record.app_id));
  row.push_back(text(event::api_name(record.api)));
  row.push_back(integer(base::to_us(record.received_at)));
  row.push_back(text(record.request_id));
  row.push_back(text(record.method));
  row.push_back(text(record.path()));
  row.push_back(text(record.target));
  row.push_back(text(record.peer_ip));
  row.push_back(text(record.user_agent));
  row.push_back({false, 0, 0, as_text(record.body)});
  row.push_back(integer(static_cast<std::int64_t>(position)));
  row.push_back(text(accepted ? "accepted" : "refused"));
  return row;
}

class JournalScan final : public store::VirtualTable::Scan {
 public:
  JournalScan(std::unique_ptr<journal::Reader> reader, Position through)
      : reader_(std::move(reader)), through_(through) {}

  base::Result<std::vector<std::vector<Cell>>> next(std::size_t rows_max) override {
    std::vector<std::vector<Cell>> rows;
    while (rows.size() < rows_max) {
      auto entry = reader_->next(through_);
      if (!entry && reader_->damage()) {
        continue;  // the loader reports it; the table shows what can be read
      }
      if (!entry) {
        return entry.error();
      }
      if (!*entry) {
        break;
      }
      if (auto record = event::decode_record((*entry)->bytes)) {
        rows.push_back(row_of(*record, (*entry)->position));
      }
    }
    return rows;
  }

 private:
  std::unique_ptr<journal::Reader> reader_;
  Position through_;
};

class IngestionTable final : public store::VirtualTable {
 public:
  IngestionTable(io::FileSystem& files, std::string folder, std::function<Position()> durable)
      : files_(files), folder_(std::move(folder)), durable_(std::move(durable)) {}

  [[nodiscard]] std::string name() const override { return "ingestion_rows"; }

  [[nodiscard]] std::vector<store::VirtualColumn> columns() const override {
    using enum ColumnType;
    return {{"app_id", kText},
            {"api", kText},
            {"received_at", kTimestamp},
            {"rid", kText},
            {"method", kText},
            {"path", kText},
            {"uri", kText},
            {"ip", kText},
            {"ua", kText},
            {"data", kText},
            {"journal_position", kInt},
            {"kind", kText}};
  }

  base::Result<std::unique_ptr<Scan>> scan() override {
    auto reader = journal::Reader::open(files_, folder_, 1);
    if (!reader) {
      return reader.error();
    }
    return std::unique_ptr<Scan>(std::make_unique<JournalScan>(std::move(*reader), durable_()));
  }

 private:
  io::FileSystem& files_;
  std::string folder_;
  std::function<Position()> durable_;
};

}  // namespace

std::shared_ptr<store::VirtualTable> ingestion_table(io::FileSystem& files,
                                                     std::string journal_folder,
                                                     std::function<Position()> durable) {
  return std::make_shared<IngestionTable>(files, std::move(journal_folder), std::move(durable));
}

}  // namespace loader
