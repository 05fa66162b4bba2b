#pragma once
// A question about one application's KPI, made of the name and value pairs of a query string or of
// a command line. What is wrong with them is said here, except for names of time zones, which only
// the store knows.

#include "base/clock.h"
#include "base/result.h"
#include "event/record.h"
#include "kpi/catalog.h"
#include "loader/state/series_reader.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kpi {

/// The days asked for span no more.
inline constexpr std::int64_t kSpanDaysMax = 366;
inline constexpr std::int64_t kSpanDaysDefault = 30;

/// By what events can be told apart.
enum class Dimension : std::uint8_t {
  kPlatform,
  kAppVersion,
  kMake,
  kModel,
  kCountry,  ///< Of the address when known, else as set on the device; upper case.
  kLocale,
  kAttribute,  ///< A property of the event by its name, as text.
  kMetric,     ///< A property of the event by its name, as a number.
};

struct Filter {
  Dimension dimension = Dimension::kPlatform;
  std::string name;                 ///< Of kAttribute and kMetric.
  std::vector<std::string> values;  ///< Any of them; empty text: events that have none.
  friend bool operator==(const Filter&, const Filter&) = default;
};

struct Grouping {
  Dimension dimension = Dimension::kPlatform;
  std::string name;  ///< Of kAttribute.
  std::string text;  ///< As it was asked for: "app-version".
  friend bool operator==(const Grouping&, const Grouping&) = default;
};

/// Whom a question is about, and when.
struct Subject {
  std::string app_id;
  std::string time_zone = "UTC";  ///< For `time-zone=app`.
  base::Time now;
};

struct Question {
  Kpi kpi;
  Subject subject;
  std::optional<std::int64_t> first;  ///< Days since 1970-01-01; see days_of().
  std::optional<std::int64_t> last;
  std::vector<Filter> filters;  ///< All of them.
  std::optional<Grouping> group_by;
  std::string metric;             ///< Of /events/: whose sum, min, max or count.
  bool sessionless = false;       ///< Mobile Analytics events without a session count, too.
  std::string time_zone = "UTC";  ///< A name of the IANA database; whose days are meant.
  std::string currency;           ///< Upper case; empty: see Answer.
  std::optional<event::Api> api;  ///< Nothing: all APIs of the application.
};

using loader::state::DayRange;

/// The days asked for; the last 30 up to `today` where none are named. kInvalid for more than
/// kSpanDaysMax.
base::Result<DayRange> days_of(const Question& question, std::int64_t today);

/// Names and values, decoded.
using Parameters = std::vector<std::pair<std::string, std::string>>;

/// kInvalid, for a parameter whose value is not what was expected.
base::Error wrong_parameter(std::string_view name, std::string_view expected,
                            std::string_view seen);

/// Parameters: start-date, end-date, platform, app-version, make, model, country, locale,
/// attribute.NAME, metric.NAME, metric, group-by, include, time-zone, currency, api. What belongs
/// to the transport (app-id, format, a signature) is taken away before. kInvalid names the
/// parameter, what was expected and what was seen; kNotFound for an unknown KPI.
base::Result<Question> read_question(std::string_view path, const Parameters& parameters,
                                     Subject subject);

}  // namespace kpi
