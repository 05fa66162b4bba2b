// Series from the rows of `event`.

#include "base/time_text.h"
#include "json/lenient.h"
#include "json/value.h"
#include "kpi/event_sql.h"
#include "kpi/part.h"

#include <algorithm>
#include <chrono>
#include <set>

namespace kpi {
namespace {

constexpr std::uint64_t kTextBytesMax = std::uint64_t{64} << 20U;
constexpr std::size_t kGroupsMax = 1000;

/// `digits`, whole millionths, which may be beyond 64 bits.
void read_sum(std::string_view digits, DayValue& value) {
  constexpr std::size_t kMicroDigits = 6;
  const bool negative = digits.starts_with('-');
  digits.remove_prefix(negative ? 1U : 0U);
  const std::size_t split = digits.size() > kMicroDigits ? digits.size() - kMicroDigits : 0;
  const std::int64_t whole = json::parse_integer(digits.substr(0, split)).value_or(0);
  const std::int64_t micro = json::parse_integer(digits.substr(split)).value_or(0);
  value.whole = negative ? -whole : whole;
  value.micro = negative ? -micro : micro;
}

DayValue value_of(json::Value row) {
  DayValue value;
  value.count = row["n"].integer().value_or(0);
  read_sum(row["total"].string().value_or("0"), value);
  value.min = row["low"].number().value_or(value.min);
  value.max = row["high"].number().value_or(value.max);
  return value;
}

base::Result<json::Document> ask(const std::string& sql, const Sources& sources) {
  store::QueryLimits limits = sources.limits;
  limits.text_bytes_max = std::min(limits.text_bytes_max, kTextBytesMax);
  auto result = sources.store.query(sql, store::ResultFormat::kJson, limits);
  if (!result) {
    // Parameters were checked: what the engine calls invalid is not the asker's fault.
    const bool own = result.error().code == base::Code::kInvalid;
    return own ? base::fail(base::Code::kInternal, result.error().message) : result.error();
  }
  json::Limits json_limits;
  json_limits.values_max = SIZE_MAX;
  return json::Document::parse(result->text, json_limits);
}

}  // namespace

base::Result<Parts> read_events(const Question& question, const std::vector<Wanted>& wanted,
                                DayRange range, const Sources& sources) {
  const auto document = ask(events_sql(question, wanted, range, sources.rules), sources);
  if (!document && document.error().code == base::Code::kTooLarge && question.group_by) {
    return base::fail(base::Code::kTooLarge,
                      "parameter \"group-by\": too many groups for so many days");
  }
  if (!document) {
    return document.error();
  }
  Parts parts;
  std::set<std::string_view> groups;
  for (const json::Value row : document->root().elements()) {
    const std::string_view group = row["grp"].string().value_or("");
    groups.insert(group);
    if (groups.size() > kGroupsMax) {
      return base::fail(base::Code::kTooLarge,
                        "parameter \"group-by\": expected at most " + std::to_string(kGroupsMax) +
                            " groups, seen more of " + json::quote_short(question.group_by->text));
    }
    const PartKey key{std::string(group),
                      static_cast<std::size_t>(row["part"].integer().value_or(0)),
                      std::string(row["currency"].string().value_or(""))};
    parts[key][row["day"].integer().value_or(0)].add(value_of(row));
  }
  return parts;
}

base::Result<std::int64_t> today_of(const Question& question, const Sources& sources) {
  const base::Time now = question.subject.now;
  if (question.time_zone == "UTC") {
    return std::chrono::floor<std::chrono::days>(now).time_since_epoch().count();
  }
  const std::string sql = "SELECT CAST(timezone(" + sql_text(question.time_zone) +
                          ", timezone('UTC', TIMESTAMP '" + base::format_sql_timestamp(now) +
                          "')) AS DATE) - DATE '1970-01-01' AS day";
  auto result = sources.store.query(sql, store::ResultFormat::kJson, sources.limits);
  if (!result && result.error().code == base::Code::kInvalid) {
    return base::fail(base::Code::kInvalid,
                      "parameter \"time-zone\": expected UTC, app or a name of the IANA time zone "
                      "database such as Europe/Berlin, seen " +
                          json::quote_short(question.time_zone));
  }
  if (!result) {
    return result.error();
  }
  const auto document = json::Document::parse(result->text);
  if (!document) {
    return document.error();
  }
  for (const json::Value row : document->root().elements()) {
    return row["day"].integer().value_or(0);
  }
  return base::fail(base::Code::kInternal, "the store gave no day");
}

}  // namespace kpi
