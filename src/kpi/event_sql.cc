#include "kpi/event_sql.h"

#include "kpi/money_sql.h"
#include "loader/rollup/changes.h"

#include <fmt/format.h>

#include <algorithm>

namespace kpi {
namespace {

using enum SeriesKind;
using loader::rollup::kMonthDays;

std::string column_of(Dimension dimension, std::string_view name) {
  switch (dimension) {
    case Dimension::kPlatform: return "platform";
    case Dimension::kAppVersion: return "app_version";
    case Dimension::kMake: return "make";
    case Dimension::kModel: return "model";
    case Dimension::kCountry: return "upper(coalesce(geo_country, country_code))";
    case Dimension::kLocale: return "locale";
    case Dimension::kAttribute: return attribute_sql(name);
    case Dimension::kMetric: return metric_sql(name);
  }
  return "NULL";
}

std::string filter_sql(const Filter& filter) {
  const std::string column = column_of(filter.dimension, filter.name);
  std::string list;
  bool none = false;
  for (const std::string& value : filter.values) {
    if (value.empty()) {
      none = true;
      continue;
    }
    const std::string text = sql_text(value);
    const bool number = filter.dimension == Dimension::kMetric;
    list += list.empty() ? "" : ", ";
    list += number ? fmt::format("CAST({} AS DOUBLE)", text) : text;
  }
  const std::string any = list.empty() ? "false" : fmt::format("{} IN ({})", column, list);
  return none ? fmt::format("({} OR coalesce({}, '') = '')", any, column) : any;
}

/// The day an event belongs to. In other time zones than UTC the same rule as that of event_date:
/// a time that cannot be is replaced by that of receipt.
std::string day_sql(const std::string& zone) {
  if (zone == "UTC") {
    return "event_date";
  }
  return fmt::format(
      "CAST(timezone({}, timezone('UTC', CASE WHEN event_timestamp >= TIMESTAMP '2000-01-01' AND "
      "event_timestamp <= received_at + INTERVAL 1 DAY THEN event_timestamp ELSE received_at END)) "
      "AS DATE)",
      sql_text(zone));
}

std::string scope_sql(const Question& question, const std::vector<ApiRules>& rules) {
  std::string where = "app_id = " + sql_text(question.subject.app_id);
  if (question.api) {
    where += " AND api = " + sql_text(event::api_name(*question.api));
  }
  for (const Filter& filter : question.filters) {
    where += " AND " + filter_sql(filter);
  }
  std::string group = "''";
  if (question.group_by) {
    group = fmt::format("coalesce({}, '')",
                        column_of(question.group_by->dimension, question.group_by->name));
  }
  return fmt::format(
      "WITH scope AS NOT MATERIALIZED (SELECT {} AS day, event_date, {} AS grp, api, event_name, "
      "coalesce(user_pseudo_id, user_id) AS who, {} AS counted, {} AS active, {} AS buys, "
      "event_value, currency, properties, attributes, metrics FROM event WHERE {})",
      day_sql(question.time_zone), group,
      question.sessionless ? "true" : "(api <> 'mobile_analytics' OR session_id IS NOT NULL)",
      active_sql(rules), buys_sql(rules), where);
}

/// SQL of one series after the other, over the table `scope`.
class Builder {
 public:
  Builder(const Question& question, DayRange range, const std::vector<ApiRules>& rules)
      : question_(question), range_(range), rules_(rules) {}

  /// A SELECT of grp, day and n, for numbers also currency, total, low and high.
  [[nodiscard]] std::string series(const Wanted& wanted) const {
    switch (wanted.kind) {
      case kEvents:
        return count_rows("scope", "counted AND event_name = " + sql_text(wanted.name) + " AND " +
                                       within(range_.first, range_.last));
      case kSessions:
        return count_rows("scope", "counted AND active AND " + within(range_.first, range_.last));
      case kMetric: return metric(wanted);
      case kRevenue: return revenue();
      case kActiveUsers: return count_rows(user_days("active", range_.first, range_.last), "true");
      case kPayingUsers: return count_rows(user_days("buys", range_.first, range_.last), "true");
      case kNewUsers: return first_days(since("counted AND active"));
      case kFirstSeen: return count_rows(since("true"), "true");
      case kPayingActive: return paying_active();
      case kMonthlyUsers: return monthly(false);
      case kPayingMonthly: return monthly(true);
      case kDayRetention: return retention(std::stoll(wanted.name), std::stoll(wanted.name));
      case kWeekRetention: {
        const std::int64_t week = std::stoll(wanted.name);
        return retention(7 * (week - 1) + 1, 7 * week);
      }
    }
    return {};
  }

 private:
  [[nodiscard]] std::string within(std::int64_t first, std::int64_t last) const {
    std::string text = fmt::format("day BETWEEN {} AND {}", sql_day(first), sql_day(last));
    if (question_.time_zone != "UTC") {
      // Files are found by event_date, which is at most a day away.
      text +=
          fmt::format(" AND event_date BETWEEN {} AND {}", sql_day(first - 1), sql_day(last + 1));
    }
    return text;
  }

  static std::string count_rows(const std::string& from, const std::string& where) {
    return fmt::format("SELECT grp, day, count(*) AS n FROM {} WHERE {} GROUP BY grp, day", from,
                       where);
  }

  /// Each user once a day; `what` is active or buys.
  [[nodiscard]] std::string user_days(std::string_view what, std::int64_t first,
                                      std::int64_t last) const {
    return fmt::format(
        "(SELECT DISTINCT grp, api, who, day FROM scope WHERE counted AND {} AND who IS NOT NULL "
        "AND {})",
        what, within(first, last));
  }

  /// Each user with the first day on which something was so.
  [[nodiscard]] static std::string since(std::string_view condition) {
    return fmt::format(
        "(SELECT grp, api, who, min(day) AS day FROM scope WHERE {} AND who IS NOT NULL "
        "GROUP BY grp, api, who)",
        condition);
  }

  [[nodiscard]] std::string first_days(const std::string& from) const {
    return count_rows(
        from, fmt::format("day BETWEEN {} AND {}", sql_day(range_.first), sql_day(range_.last)));
  }

  [[nodiscard]] std::string paying_active() const {
    return fmt::format(
        "SELECT a.grp, a.day, count(*) AS n FROM {} a JOIN {} b ON {} AND b.day <= a.day "
        "GROUP BY a.grp, a.day",
        user_days("active", range_.first, range_.last), since("counted AND buys"), kSameUser);
  }

  /// As differences from day to day: an active day brings its user into the 30 windows that begin
  /// with it, apart from those that an earlier active day does.
  [[nodiscard]] std::string monthly(bool paying) const {
    const std::string join =
        paying ? fmt::format(" JOIN {} b ON {}", since("counted AND buys"), kSameUser) : "";
    return fmt::format(
        "SELECT grp, day, CAST(sum(n) AS BIGINT) AS n FROM (SELECT grp, "
        "unnest([starts, ends]) AS day, unnest([1, -1]) AS n FROM (SELECT a.grp, "
        "greatest(a.day, a.before + {0}, {1}{2}) AS starts, a.day + {0} AS ends FROM (SELECT *, "
        "lag(day) OVER (PARTITION BY grp, api, who ORDER BY day) AS before FROM {3}) a{4}) "
        "WHERE starts < ends) GROUP BY grp, day",
        kMonthDays, sql_day(range_.first), paying ? ", b.day" : "",
        user_days("active", range_.first - kMonthDays + 1, range_.last), join);
  }

  /// Users active on the day and again `first` to `last` days later.
  [[nodiscard]] std::string retention(std::int64_t first, std::int64_t last) const {
    return fmt::format(
        "SELECT a.grp, a.day, count(*) AS n FROM {} a SEMI JOIN {} b ON {} AND b.day >= a.day + {} "
        "AND b.day <= a.day + {} GROUP BY a.grp, a.day",
        user_days("active", range_.first, range_.last),
        user_days("active", range_.first + first, range_.last + last), kSameUser, first, last);
  }

  [[nodiscard]] std::string metric(const Wanted& wanted) const {
    return fmt::format(
        "SELECT grp, day, count(*) AS n, {} AS total, min(amount) AS low, max(amount) AS high FROM "
        "(SELECT grp, day, {} AS amount FROM scope WHERE counted AND event_name = {} AND {}) "
        "WHERE amount IS NOT NULL GROUP BY grp, day",
        kTotal, metric_sql(wanted.key), sql_text(wanted.name), within(range_.first, range_.last));
  }

  [[nodiscard]] std::string revenue() const {
    return fmt::format(
        "SELECT grp, currency, day, count(*) AS n, {} AS total FROM (SELECT grp, day, {} AS "
        "currency, {} AS amount FROM scope WHERE counted AND buys AND {}) "
        "WHERE amount IS NOT NULL GROUP BY grp, currency, day",
        kTotal, currency_sql(rules_), amount_sql(rules_), within(range_.first, range_.last));
  }

  static constexpr std::string_view kSameUser = "a.grp = b.grp AND a.api = b.api AND a.who = b.who";
  static constexpr std::string_view kTotal =
      "CAST(sum(CAST(round(amount * 1e6) AS HUGEINT)) AS VARCHAR)";

  const Question& question_;
  const DayRange range_;
  const std::vector<ApiRules>& rules_;
};

}  // namespace

std::string sql_day(std::int64_t day) { return "DATE '" + date_of(day) + "'"; }

std::string events_sql(const Question& question, const std::vector<Wanted>& wanted, DayRange range,
                       const RuleBook& rules) {
  const std::vector<ApiRules> by_api = rules_of(question, rules);
  const Builder builder(question, range, by_api);
  std::string sql = scope_sql(question, by_api);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const bool money = wanted[i].kind == kRevenue;
    const bool number = wanted[i].kind == kMetric;
    sql += fmt::format(
        "{} SELECT {} AS part, grp, {} AS currency, day - DATE '1970-01-01' AS day, n, {} AS "
        "total, "
        "{} AS low, {} AS high FROM ({})",
        i == 0 ? "" : " UNION ALL", i, money ? "currency" : "''", money || number ? "total" : "'0'",
        number ? "low" : "NULL::DOUBLE", number ? "high" : "NULL::DOUBLE",
        builder.series(wanted[i]));
  }
  return sql;
}

}  // namespace kpi
