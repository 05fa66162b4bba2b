// docs/kpis.md defines every KPI, and its SQL gives the numbers the program gives.

#include "io/file_system.h"
#include "json/value.h"
#include "kpi/test_world.h"

#include <algorithm>
#include <map>
#include <random>

namespace kpi {
namespace {

struct Section {
  std::string text;
  std::string sql;
};

/// Sections "### `path`" by path; the beginning of all queries is that of "## Definitions".
std::map<std::string, Section> documented() {
  const auto files = io::posix_file_system();
  const auto page = io::read_file(*files, CATCHMENT_DOCS "/kpis.md", 1U << 20U);
  EXPECT_TRUE(page);
  std::map<std::string, Section> out;
  std::string heading;
  std::string rest = page ? *page : "";
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size() - 1);
    const std::string line = rest.substr(0, end);
    rest.erase(0, end + 1);
    if (line.starts_with("#")) {
      const std::size_t tick = line.find('`');
      heading = tick == std::string::npos ? line : line.substr(tick + 1, line.size() - tick - 2);
    } else if (line.starts_with("    ")) {
      out[heading].sql += line + "\n";
    } else {
      out[heading].text += line;
    }
  }
  return out;
}

class KpiDocs : public KpiWorld {
 protected:
  void SetUp() override {
    KpiWorld::SetUp();
    sections_ = documented();
    std::mt19937 random(7);
    const auto pick = [&random](std::size_t below) { return random() % below; };
    for (int i = 0; i < 400; ++i) {
      static constexpr std::array<Api, 4> kApis = {Api::kMobileAnalytics, Api::kClickstream,
                                                   Api::kClevertap, Api::kSegmentstream};
      static constexpr std::array<const char*, 7> kNames = {
          "_session.start",         "_session_start",        "level",   "Charged",
          "_monetization.purchase", "Completed Transaction", "purchase"};
      const Api api = kApis[pick(4)];
      // One after the other: compilers differ in the order in which they look at arguments.
      const char* name = kNames[pick(7)];
      const std::string user = pick(9) == 0 ? "" : "u" + std::to_string(pick(6));
      const auto day = static_cast<std::int64_t>(pick(60)) + 1;
      event::Event event = make(day, user, name, api);
      event.app_id = "demo";
      std::string amount = std::to_string(pick(5000)) + ".";
      amount += std::to_string(pick(100));
      const std::string currency = pick(2) == 0 ? "USD" : "eur";
      if (pick(7) == 0) {
        event.session_id.clear();
      }
      event.properties = R"({"Amount":)" + amount + R"(,"Currency":")" + currency +
                         R"(","points":"3.5","transaction":{"total":"9","currency":"USD"}})";
      if (api == Api::kMobileAnalytics) {
        event.metrics = pick(2) == 0 ? "" : R"({"_item_price":)" + amount + R"(,"points":2})";
        event.attributes = R"({"_item_price":"4.25","_currency":")" + currency + "\"}";
      } else if (api == Api::kClickstream) {
        event.event_value = 0.1 * static_cast<double>(pick(100));
        event.currency = currency;
      }
      send(std::move(event));
    }
    load();
  }

  /// Rows of the SQL by date, for revenue by date and currency.
  std::map<std::string, double> rows_of(const std::string& path) {
    const std::string sql = sections_["## Definitions"].sql + sections_[path].sql;
    const auto result = store_->query(sql, store::ResultFormat::kJson, {});
    EXPECT_TRUE(result) << path << ": " << result.error().message;
    std::map<std::string, double> out;
    if (!result) {
      return out;
    }
    const auto rows = json::Document::parse(result->text);
    for (const json::Value row : rows->root().elements()) {
      const std::string date(row["date"].string().value_or("?"));
      if (date >= "2024-01-01" && date <= "2024-03-31" && !row["value"].is_null()) {
        out[date + " " + std::string(row["currency"].string().value_or(""))] =
            row["value"].number().value_or(-1);
      }
    }
    return out;
  }
  std::map<std::string, double> values_of(const std::string& path, const Parameters& more) {
    Parameters parameters = more;
    parameters.insert(parameters.end(), {{"start-date", "2024-01-01"}, {"end-date", "2024-03-31"}});
    const auto question = read_question(path, parameters, {"demo", "UTC", clock_.now()});
    EXPECT_TRUE(question) << path;
    const auto told = answer(*question, sources());
    EXPECT_TRUE(told) << path;
    std::map<std::string, double> out;
    for (const Point& point : told->series[0].points) {
      const std::string date = base::format_date(base::Time(std::chrono::days(point.day)));
      if (told->kpi.unit != Unit::kCurrency && !is_null(point.value)) {
        out[date + " "] = to_double(point.value);
      }
      for (const auto& [currency, value] : point.currencies) {
        if (!is_null(value)) {
          out[std::string(date).append(" ").append(currency)] = to_double(value);
        }
      }
    }
    return out;
  }
  void compare(const std::string& heading, const std::string& path, const Parameters& more) {
    const auto rows = rows_of(heading);
    const auto values = values_of(path, more);
    EXPECT_GT(rows.size(), 8U) << heading;
    for (const auto& [date, value] : rows) {
      const auto known = values.find(date);
      ASSERT_NE(known, values.end()) << heading << " " << date;
      EXPECT_NEAR(known->second, value, 1e-9 * std::abs(value)) << heading << " " << date;
    }
    for (const auto& [date, value] : values) {
      if (!rows.contains(date) && !heading.ends_with("lifetime-count")) {
        EXPECT_EQ(value, 0) << heading << " " << date;
      }
    }
  }

  std::map<std::string, Section> sections_;
};

TEST_F(KpiDocs, SqlGivesTheNumbersOfEveryKpi) {
  set_day(150);
  for (const Kpi& kpi : all_kpis()) {
    compare(kpi.path, kpi.path, {});
  }
  compare("/events/NAME/count", "/events/level/count", {});
  for (const char* aggregate : {"sum", "min", "max"}) {
    compare(std::string("/events/NAME/") + aggregate, std::string("/events/level/") + aggregate,
            {{"metric", "points"}});
  }
}

}  // namespace
}  // namespace kpi
