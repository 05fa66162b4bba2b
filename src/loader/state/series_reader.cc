#include "loader/state/series_reader.h"

#include <utility>

namespace loader::state {
namespace {

constexpr std::string_view kFrom =
    " FROM series JOIN series_day ON series_day.series = series.id "
    "WHERE app_id = ? AND kind = ? AND (? = 0 OR api = ?) AND day BETWEEN ? AND ?";

DayValue value_of(const Statement& row) {
  DayValue value;
  value.count = row.integer(1);
  value.whole = row.integer(2);
  value.micro = row.integer(3);
  value.min = row.null(4) ? value.min : row.real(4);
  value.max = row.null(5) ? value.max : row.real(5);
  return value;
}

void bind_choice(Statement& statement, const SeriesChoice& choice, DayRange range) {
  const std::int64_t api = choice.api ? static_cast<std::int64_t>(*choice.api) : 0;
  statement.bind(choice.app_id)
      .bind(static_cast<std::int64_t>(choice.kind))
      .bind(api)
      .bind(api)
      .bind(range.first)
      .bind(range.last);
}

}  // namespace

base::Result<std::unique_ptr<SeriesReader>> SeriesReader::open(const std::string& path) {
  auto database = Database::open(path, Database::Mode::kReadOnly);
  if (!database) {
    return base::fail(base::Code::kUnavailable, database.error().message);
  }
  // One transaction: everything read belongs to the same moment.
  if (auto begun = (*database)->run("BEGIN"); !begun) {
    return begun.error();
  }
  return std::make_unique<SeriesReader>(std::move(*database));
}

base::Result<std::vector<SeriesDay>> SeriesReader::days(const SeriesChoice& choice,
                                                        DayRange range) {
  auto rows = database_->prepare("SELECT day, count, whole, micro, min, max" + std::string(kFrom) +
                                 " AND name = ? AND key = ? ORDER BY day");
  if (!rows) {
    return rows.error();
  }
  bind_choice(*rows, choice, range);
  rows->bind(choice.name).bind(choice.key);
  std::vector<SeriesDay> days;
  auto more = rows->row();
  for (; more && *more; more = rows->row()) {
    if (days.empty() || days.back().day != rows->integer(0)) {
      days.push_back({rows->integer(0), {}});
    }
    days.back().value.add(value_of(*rows));  // one row for each API
  }
  if (!more) {
    return more.error();
  }
  return days;
}

base::Result<std::map<std::string, std::vector<SeriesDay>>> SeriesReader::days_by_name(
    const SeriesChoice& choice, DayRange range) {
  auto rows = database_->prepare("SELECT day, count, whole, micro, min, max, name" +
                                 std::string(kFrom) + " AND key = ? ORDER BY name, day");
  if (!rows) {
    return rows.error();
  }
  bind_choice(*rows, choice, range);
  rows->bind(choice.key);
  std::map<std::string, std::vector<SeriesDay>> names;
  auto more = rows->row();
  for (; more && *more; more = rows->row()) {
    std::vector<SeriesDay>& days = names[std::string(rows->text(6))];
    if (days.empty() || days.back().day != rows->integer(0)) {
      days.push_back({rows->integer(0), {}});
    }
    days.back().value.add(value_of(*rows));  // one row for each API
  }
  if (!more) {
    return more.error();
  }
  return names;
}

base::Result<bool> SeriesReader::covers(event::Position position) {
  auto rows = database_->prepare("SELECT position, first FROM applied");
  if (!rows) {
    return rows.error();
  }
  const auto row = rows->row();
  if (!row) {
    return row.error();
  }
  if (!*row) {
    return position == 0;
  }
  const auto applied = static_cast<event::Position>(rows->integer(0));
  return rows->integer(1) <= 1 && applied >= position;
}

base::Result<std::vector<SeriesTotal>> SeriesReader::totals(const SeriesChoice& choice,
                                                            DayRange range) {
  auto rows = database_->prepare("SELECT name, sum(count)" + std::string(kFrom) +
                                 " GROUP BY name ORDER BY sum(count) DESC, name");
  if (!rows) {
    return rows.error();
  }
  bind_choice(*rows, choice, range);
  std::vector<SeriesTotal> totals;
  auto more = rows->row();
  for (; more && *more; more = rows->row()) {
    totals.push_back({std::string(rows->text(0)), rows->integer(1)});
  }
  if (!more) {
    return more.error();
  }
  return totals;
}

base::Result<bool> SeriesReader::metrics_complete(const std::string& app_id) {
  auto rows = database_->prepare(
      "SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM series WHERE app_id = ? AND "
      "kind = ? GROUP BY api)");
  if (!rows) {
    return rows.error();
  }
  auto row = rows->bind(app_id).bind(static_cast<std::int64_t>(SeriesKind::kMetric)).row();
  if (!row) {
    return row.error();
  }
  return *row && rows->integer(0) < kMetricSeriesMax;
}

}  // namespace loader::state
