#include "kpi/question.h"

#include "base/time_text.h"
#include "json/lenient.h"
#include "json/writer.h"
#include "kpi/rules/numbers.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <set>
#include <string_view>

namespace kpi {
namespace {

using base::Code;
using Text = std::string_view;

constexpr std::size_t kParametersMax = 100;
constexpr std::size_t kBytesMax = 1000;
/// 9998-12-31: days around it still have four digits of a year.
constexpr std::int64_t kDayMax = 2'932'531;

constexpr Text kKnown =
    "start-date, end-date, platform, app-version, make, model, country, locale, attribute.NAME, "
    "metric.NAME, metric, group-by, include, time-zone, currency or api";

struct Column {
  Text name;
  Dimension dimension;
};
constexpr std::array<Column, 6> kColumns = {{{"platform", Dimension::kPlatform},
                                             {"app-version", Dimension::kAppVersion},
                                             {"make", Dimension::kMake},
                                             {"model", Dimension::kModel},
                                             {"country", Dimension::kCountry},
                                             {"locale", Dimension::kLocale}}};

std::string upper(Text text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  });
  return out;
}

bool is_event(const Kpi& kpi) { return !kpi.event.empty(); }

bool is_money(const Kpi& kpi) { return kpi.unit == Unit::kCurrency; }

/// Takes one parameter after the other.
class Reader {
 public:
  explicit Reader(Question& question) : question_(question) {}

  base::Status take(const std::string& name, const std::string& value) {
    if (name.size() > kBytesMax || value.size() > kBytesMax) {
      return wrong_parameter(name, "at most 1000 bytes", value);
    }
    if (!is_plain(name) || !is_plain(value)) {
      return wrong_parameter(name, "UTF-8 without NUL", value);
    }
    if (const auto* column = std::ranges::find(kColumns, Text(name), &Column::name);
        column != kColumns.end()) {
      add_filter(column->dimension, {}, value);
      return base::ok();
    }
    if (name.starts_with(kAttribute) || name.starts_with(kMetric)) {
      return take_property(name, value);
    }
    if (!seen_.insert(name).second) {
      return wrong_parameter(name, "it once", value);
    }
    return take_single(name, value);
  }

 private:
  static constexpr Text kAttribute = "attribute.";
  static constexpr Text kMetric = "metric.";

  static bool is_plain(Text text) {
    return text.find('\0') == Text::npos && json::make_utf8(text) == text;
  }

  base::Status take_single(const std::string& name, const std::string& value) {
    if (name == "start-date") {
      return take_day(name, value, question_.first);
    }
    if (name == "end-date") {
      return take_day(name, value, question_.last);
    }
    if (name == "metric") {
      return take_metric(value);
    }
    if (name == "group-by") {
      return take_group(value);
    }
    if (name == "include") {
      question_.sessionless = true;
      return value == "sessionless" ? base::ok() : wrong_parameter(name, "sessionless", value);
    }
    if (name == "time-zone") {
      return take_zone(value);
    }
    if (name == "currency") {
      return take_currency(value);
    }
    if (name == "api") {
      question_.api = event::api_from_name(value);
      return question_.api
                 ? base::ok()
                 : wrong_parameter(
                       name, "clickstream, clevertap, mobile_analytics or segmentstream", value);
    }
    std::string message = "parameter " + json::quote_short(name) + " is unknown; expected ";
    return base::fail(Code::kInvalid, message.append(kKnown));
  }

  static base::Status take_day(Text name, Text value, std::optional<std::int64_t>& day) {
    const auto time = base::parse_iso8601(value);
    if (!time) {
      return wrong_parameter(name, "YYYY-MM-DD or ISO 8601", value);
    }
    day = std::chrono::floor<std::chrono::days>(*time).time_since_epoch().count();
    return *day >= 0 && *day <= kDayMax ? base::ok()
                                        : wrong_parameter(name, "a day from 1970 to 9998", value);
  }

  base::Status take_property(const std::string& name, const std::string& value) {
    const bool number = name.starts_with(kMetric);
    const std::string key = name.substr(number ? kMetric.size() : kAttribute.size());
    if (!is_event(question_.kpi)) {
      return base::fail(Code::kInvalid, "parameter " + json::quote_short(name) +
                                            ": filters /events/ alone, seen with " +
                                            json::quote_short(question_.kpi.path));
    }
    if (key.empty()) {
      return wrong_parameter(name, "a name behind the dot", name);
    }
    if (number && !decimal_number(value)) {
      return wrong_parameter(name, "a decimal number", value);
    }
    add_filter(number ? Dimension::kMetric : Dimension::kAttribute, key, value);
    return base::ok();
  }

  void add_filter(Dimension dimension, const std::string& name, const std::string& value) {
    const std::string text = dimension == Dimension::kCountry ? upper(value) : value;
    for (Filter& filter : question_.filters) {
      if (filter.dimension == dimension && filter.name == name) {
        filter.values.push_back(text);
        return;
      }
    }
    question_.filters.push_back({dimension, name, {text}});
  }

  base::Status take_metric(const std::string& value) {
    if (!is_event(question_.kpi)) {
      return base::fail(Code::kInvalid, "parameter \"metric\": belongs to /events/, seen with " +
                                            json::quote_short(question_.kpi.path));
    }
    question_.metric = value;
    return value.empty() ? wrong_parameter("metric", "the name of a metric or attribute", value)
                         : base::ok();
  }

  base::Status take_group(const std::string& value) {
    if (const auto* column = std::ranges::find(kColumns, Text(value), &Column::name);
        column != kColumns.end()) {
      question_.group_by = Grouping{column->dimension, {}, value};
      return base::ok();
    }
    if (is_event(question_.kpi) && value.starts_with(kAttribute) &&
        value.size() > kAttribute.size()) {
      question_.group_by = Grouping{Dimension::kAttribute, value.substr(kAttribute.size()), value};
      return base::ok();
    }
    return wrong_parameter("group-by",
                           "platform, app-version, make, model, country, locale, or for /events/ "
                           "attribute.NAME",
                           value);
  }

  base::Status take_zone(const std::string& value) {
    question_.time_zone = value == "app" ? question_.subject.time_zone : value;
    return question_.time_zone.empty()
               ? wrong_parameter("time-zone", "UTC, app or a name such as Europe/Berlin", value)
               : base::ok();
  }

  base::Status take_currency(const std::string& value) {
    if (!is_money(question_.kpi)) {
      return base::fail(Code::kInvalid,
                        "parameter \"currency\": belongs to KPIs of revenue, seen "
                        "with " +
                            json::quote_short(question_.kpi.path));
    }
    question_.currency = upper(value);
    return value.empty() ? wrong_parameter("currency", "a currency such as USD", value)
                         : base::ok();
  }

  Question& question_;
  std::set<std::string, std::less<>> seen_;
};

base::Status check_whole(const Question& question, const Parameters& parameters) {
  const bool number = question.kpi.unit == Unit::kNumber;
  if (number && question.metric.empty()) {
    return base::fail(Code::kInvalid,
                      "parameter \"metric\" is missing: expected the metric or "
                      "attribute whose sum, min or max is wanted");
  }
  for (const auto& [name, value] : parameters) {
    // Whose day an instant lies on, only the store can tell.
    if (name.ends_with("-date") && value.size() > 10 && question.time_zone != "UTC") {
      return wrong_parameter(
          name, "YYYY-MM-DD, since the days are those of another time zone than UTC", value);
    }
  }
  if (question.first && question.last && *question.first > *question.last) {
    return base::fail(Code::kInvalid,
                      "parameter \"end-date\": expected a day not before "
                      "start-date, seen an earlier one");
  }
  return base::ok();
}

}  // namespace

base::Error wrong_parameter(Text name, Text expected, Text seen) {
  std::string message = "parameter " + json::quote_short(name) + ": expected ";
  message.append(expected).append(", seen ").append(json::quote_short(seen));
  return base::fail(Code::kInvalid, std::move(message));
}

base::Result<DayRange> days_of(const Question& question, std::int64_t today) {
  DayRange range;
  range.last = question.last.value_or(std::max(today, question.first.value_or(today)));
  range.first = question.first.value_or(range.last - kSpanDaysDefault + 1);
  const std::int64_t span = range.last - range.first + 1;
  if (span > kSpanDaysMax) {
    return base::fail(Code::kInvalid, "parameter \"start-date\": expected at most " +
                                          std::to_string(kSpanDaysMax) +
                                          " days up to end-date, seen " + std::to_string(span));
  }
  return range;
}

base::Result<Question> read_question(std::string_view path, const Parameters& parameters,
                                     Subject subject) {
  auto kpi = find_kpi(path);
  if (!kpi) {
    return kpi.error();
  }
  if (parameters.size() > kParametersMax) {
    return base::fail(Code::kInvalid,
                      "expected at most 100 parameters, seen " + std::to_string(parameters.size()));
  }
  Question question;
  question.kpi = std::move(*kpi);
  question.subject = std::move(subject);
  Reader reader(question);
  for (const auto& [name, value] : parameters) {
    if (auto taken = reader.take(name, value); !taken) {
      return taken.error();
    }
  }
  if (auto whole = check_whole(question, parameters); !whole) {
    return whole.error();
  }
  return question;
}

}  // namespace kpi
