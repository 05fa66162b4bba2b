#include "loader/state/series.h"

#include <algorithm>
#include <cmath>

namespace loader::state {
namespace {

/// Series whose numbers stay in memory; all are forgotten beyond it.
constexpr std::size_t kKnownMax = 50'000;

constexpr const char* kSchema =
    "CREATE TABLE IF NOT EXISTS series(id INTEGER PRIMARY KEY, app_id TEXT, api INTEGER,"
    "kind INTEGER, name TEXT, key TEXT, UNIQUE(app_id, kind, name, key, api));"
    "CREATE TABLE IF NOT EXISTS series_day(series INTEGER, day INTEGER, count INTEGER,"
    "whole INTEGER, micro INTEGER, min REAL, max REAL, PRIMARY KEY(series, day)) WITHOUT ROWID;";

constexpr std::string_view kFindSeries =
    "SELECT id FROM series WHERE app_id = ? AND kind = ? AND name = ? AND key = ? AND api = ?";
constexpr std::string_view kWriteSeries =
    "INSERT INTO series(app_id, kind, name, key, api) VALUES(?, ?, ?, ?, ?) RETURNING id";
constexpr std::string_view kWriteDay =
    "INSERT INTO series_day VALUES(?, ?, ?, ?, ?, ?, ?) ON CONFLICT(series, day) DO UPDATE SET "
    "count = count + excluded.count, whole = whole + excluded.whole,"
    "micro = micro + excluded.micro,"
    "min = CASE WHEN min IS NULL OR excluded.min < min THEN excluded.min ELSE min END,"
    "max = CASE WHEN max IS NULL OR excluded.max > max THEN excluded.max ELSE max END";

Statement& bind_key(Statement& statement, const SeriesKey& key) {
  return statement.bind(key.app_id)
      .bind(static_cast<std::int64_t>(key.kind))
      .bind(key.name)
      .bind(key.key)
      .bind(static_cast<std::int64_t>(key.api));
}

void bind_limit(Statement& statement, double limit) {
  if (std::isfinite(limit)) {
    statement.bind_real(limit);
  } else {
    statement.bind_null();
  }
}

/// Distinct for distinct keys: the parts that may hold anything come with their length.
void write_text(const SeriesKey& key, std::string& text) {
  const std::size_t sizes[] = {key.app_id.size(), key.name.size()};
  text.clear();
  text.push_back(static_cast<char>(key.api));
  text.push_back(static_cast<char>(key.kind));
  text.append(reinterpret_cast<const char*>(sizes), sizeof(sizes));
  text.append(key.app_id).append(key.name).append(key.key);
}

}  // namespace

void DayValue::add(const DayValue& more) {
  count += more.count;
  if (__builtin_add_overflow(whole, more.whole, &whole)) {
    whole = more.whole > 0 ? std::numeric_limits<std::int64_t>::max()
                           : std::numeric_limits<std::int64_t>::min();
  }
  micro += more.micro;
  min = std::min(min, more.min);
  max = std::max(max, more.max);
}

const char* SeriesStore::schema() { return kSchema; }

base::Result<std::unique_ptr<SeriesStore>> SeriesStore::open(Database& database) {
  auto store = std::make_unique<SeriesStore>(database);
  if (auto prepared = store->prepare(); !prepared) {
    return prepared.error();
  }
  if (auto counted = store->count_metrics(); !counted) {
    return counted.error();
  }
  return store;
}

base::Status SeriesStore::prepare() {
  const std::pair<std::string_view, Statement*> statements[] = {
      {kFindSeries, &find_series_}, {kWriteSeries, &write_series_}, {kWriteDay, &write_day_}};
  for (const auto& [sql, statement] : statements) {
    auto prepared = database_.prepare(sql);
    if (!prepared) {
      return prepared.error();
    }
    *statement = std::move(*prepared);
  }
  return base::ok();
}

base::Status SeriesStore::count_metrics() {
  metric_series_.clear();
  auto rows =
      database_.prepare("SELECT app_id, api, count(*) FROM series WHERE kind = ? GROUP BY 1, 2");
  if (!rows) {
    return rows.error();
  }
  rows->bind(static_cast<std::int64_t>(SeriesKind::kMetric));
  auto more = rows->row();
  for (; more && *more; more = rows->row()) {
    metric_series_[{std::string(rows->text(0)), static_cast<event::Api>(rows->integer(1))}] =
        rows->integer(2);
  }
  return more ? base::ok() : base::Status(more.error());
}

base::Result<std::int64_t> SeriesStore::make_series(const SeriesKey& key) {
  if (key.kind == SeriesKind::kMetric) {
    std::int64_t& count = metric_series_[{std::string(key.app_id), key.api}];
    if (count >= kMetricSeriesMax) {
      return 0;
    }
    ++count;
  }
  auto row = bind_key(write_series_, key).row();
  if (!row) {
    return row.error();
  }
  const std::int64_t id = write_series_.integer(0);
  write_series_.reset();
  return id;
}

base::Result<std::int64_t> SeriesStore::series_of(const SeriesKey& key) {
  write_text(key, text_);
  if (const auto known = known_.find(text_); known != known_.end()) {
    return known->second;
  }
  auto row = bind_key(find_series_, key).row();
  if (!row) {
    return row.error();
  }
  std::int64_t id = 0;
  if (*row) {
    id = find_series_.integer(0);
    find_series_.reset();
  } else {
    auto made = make_series(key);
    if (!made) {
      return made;
    }
    id = *made;
  }
  known_.emplace(text_, id);
  return id;
}

base::Status SeriesStore::add(const SeriesKey& key, std::int64_t day, const DayValue& change) {
  auto series = series_of(key);
  if (!series) {
    return series.error();
  }
  if (*series != 0) {
    changes_[{*series, day}].add(change);
  }
  return base::ok();
}

base::Status SeriesStore::flush() {
  for (const auto& [place, change] : changes_) {
    write_day_.bind(place.first)
        .bind(place.second)
        .bind(change.count)
        .bind(change.whole)
        .bind(change.micro);
    bind_limit(write_day_, change.min);
    bind_limit(write_day_, change.max);
    if (auto written = write_day_.run(); !written) {
      return written;
    }
  }
  changes_.clear();
  if (known_.size() > kKnownMax) {
    known_.clear();
  }
  return base::ok();
}

base::Status SeriesStore::drop() {
  changes_.clear();
  known_.clear();
  return count_metrics();
}

}  // namespace loader::state
