// From series to an answer: sums, quotients, and what is not known yet.

#include "kpi/part.h"

#include <algorithm>
#include <set>
#include <utility>

namespace kpi {
namespace {

using enum SeriesKind;
using Days = std::map<std::int64_t, DayValue>;

bool is_retention(const Kpi& kpi) {
  return kpi.measure == Measure::kDayRetention || kpi.measure == Measure::kWeekRetention;
}

/// Days after the day itself that a value looks at.
std::int64_t window_of(const Kpi& kpi) {
  switch (kpi.measure) {
    case Measure::kDayRetention: return kpi.span;
    case Measure::kWeekRetention: return 7 * kpi.span;
    default: return 0;
  }
}

/// From differences, or counts of a day, to what they add up to.
Days cumulated(const Days& days, DayRange range) {
  Days out;
  std::int64_t sum = 0;
  auto at = days.begin();
  for (std::int64_t day = range.first; day <= range.last; ++day) {
    for (; at != days.end() && at->first <= day; ++at) {
      sum += at->second.count;
    }
    out[day].count = sum;
  }
  return out;
}

bool adds_up(SeriesKind kind) {
  return kind == kMonthlyUsers || kind == kPayingMonthly || kind == kFirstSeen;
}

Millionths sum_of(const DayValue& value) { return {value.whole, value.micro}; }

Millionths& operator+=(Millionths& sum, const Millionths& more) {
  sum.whole += more.whole;
  sum.micro += more.micro;
  return sum;
}

Value quotient(const Value& above, std::int64_t below) {
  if (below == 0 || is_null(above)) {
    return {};
  }
  return to_double(above) / static_cast<double>(below);
}

/// Which amounts `value` is the sum of.
struct Money {
  bool one = false;                ///< Or else of none.
  std::string currency;            ///< Empty: no amount names any.
  std::set<std::string> added_up;  ///< As amounts name them.
};

Money money_of(const Question& question, const Parts& parts) {
  if (question.kpi.unit != Unit::kCurrency) {
    return {};
  }
  std::vector<std::set<std::string>> all = currencies_of(parts, 0);
  if (question.currency.empty()) {
    return all.size() == 1 ? Money{true, *all[0].rbegin(), all[0]} : Money();
  }
  const auto asked = std::ranges::find(
      all, question.currency, [](const std::set<std::string>& names) { return *names.rbegin(); });
  return {true, question.currency,
          asked == all.end() ? std::set<std::string>() : std::move(*asked)};
}

/// One group's series.
class Assembler {
 public:
  Assembler(const Question& question, const std::vector<Wanted>& wanted, DayRange range)
      : question_(question), wanted_(wanted), range_(range), series_(wanted.size()) {}

  void add(const PartKey& key, const Days& days) {
    if (wanted_[key.wanted].kind == kRevenue) {
      money_[key.currency] = days;
    } else if (adds_up(wanted_[key.wanted].kind)) {
      for (const auto& [day, value] : days) {
        total_ += value.count;
      }
      series_[key.wanted] = cumulated(days, range_);
    } else {
      series_[key.wanted] = days;
    }
  }

  Series make(std::optional<std::string> group, std::int64_t today, const Money& money) {
    Series out;
    out.group = std::move(group);
    if (question_.kpi.measure == Measure::kLifetimeUsers) {
      out.total = total_;
    }
    for (std::int64_t day = range_.first; day <= range_.last; ++day) {
      Point point;
      point.day = day;
      const std::int64_t reach = window_of(question_.kpi);
      const bool over = is_retention(question_.kpi) ? day + reach < today : day <= today;
      if (over) {
        fill(point, money);
      }
      out.points.push_back(std::move(point));
    }
    return out;
  }

 private:
  [[nodiscard]] DayValue at(std::size_t wanted, std::int64_t day) const {
    const auto found = series_[wanted].find(day);
    return found == series_[wanted].end() ? DayValue() : found->second;
  }

  void fill(Point& point, const Money& money) const {
    const Kpi& kpi = question_.kpi;
    if (kpi.unit == Unit::kCurrency) {
      fill_money(point, money);
      return;
    }
    const DayValue first = at(0, point.day);
    switch (kpi.measure) {
      case Measure::kStickyFactor:
      case Measure::kSessionsPerUser:
        point.value = quotient(first.count, at(1, point.day).count);
        return;
      case Measure::kEventSum: point.value = sum_of(first); return;
      case Measure::kEventMin:
      case Measure::kEventMax:
        if (first.count != 0) {
          point.value = kpi.measure == Measure::kEventMin ? first.min : first.max;
        }
        return;
      default: point.value = first.count; return;
    }
  }

  void fill_money(Point& point, const Money& money) const {
    Millionths sum;
    for (const auto& [name, days] : money_) {
      const auto found = days.find(point.day);
      if (found == days.end()) {
        continue;
      }
      point.currencies[name] = share(sum_of(found->second), point.day);
      if (money.added_up.contains(name)) {
        sum += sum_of(found->second);
      }
    }
    if (money.one) {
      point.value = share(sum, point.day);
    }
  }

  [[nodiscard]] Value share(const Millionths& sum, std::int64_t day) const {
    return question_.kpi.measure == Measure::kRevenue ? Value(sum)
                                                      : quotient(sum, at(1, day).count);
  }

  const Question& question_;
  const std::vector<Wanted>& wanted_;
  const DayRange range_;
  std::vector<Days> series_;
  std::map<std::string, Days> money_;
  std::int64_t total_ = 0;
};

/// What groups are put in order by.
double weight_of(const Series& series) {
  double weight = to_double(series.total);
  for (const Point& point : series.points) {
    weight += to_double(point.value);
  }
  return weight;
}

}  // namespace

std::vector<Wanted> wanted_by(const Question& question) {
  const Kpi& kpi = question.kpi;
  switch (kpi.measure) {
    case Measure::kLifetimeUsers: return {{kFirstSeen, {}, {}}};
    case Measure::kDailyUsers: return {{kActiveUsers, {}, {}}};
    case Measure::kMonthlyUsers: return {{kMonthlyUsers, {}, {}}};
    case Measure::kNewUsers: return {{kNewUsers, {}, {}}};
    case Measure::kSessions: return {{kSessions, {}, {}}};
    case Measure::kRevenue: return {{kRevenue, {}, {}}};
    case Measure::kPayingDailyUsers: return {{kPayingActive, {}, {}}};
    case Measure::kPayingMonthlyUsers: return {{kPayingMonthly, {}, {}}};
    case Measure::kDayRetention: return {{kDayRetention, std::to_string(kpi.span), {}}};
    case Measure::kWeekRetention: return {{kWeekRetention, std::to_string(kpi.span), {}}};
    case Measure::kDailyPayingUsers: return {{kPayingUsers, {}, {}}};
    case Measure::kStickyFactor: return {{kActiveUsers, {}, {}}, {kMonthlyUsers, {}, {}}};
    case Measure::kSessionsPerUser: return {{kSessions, {}, {}}, {kActiveUsers, {}, {}}};
    case Measure::kRevenuePerUser: return {{kRevenue, {}, {}}, {kActiveUsers, {}, {}}};
    case Measure::kRevenuePerPayingUser: return {{kRevenue, {}, {}}, {kPayingUsers, {}, {}}};
    default: break;
  }
  if (question.metric.empty()) {
    return {{kEvents, kpi.event, {}}};
  }
  return {{kMetric, kpi.event, question.metric}};
}

std::vector<std::set<std::string>> currencies_of(const Parts& parts, std::size_t wanted) {
  std::set<std::string> named;
  bool unnamed = false;
  for (const auto& [key, days] : parts) {
    if (key.wanted == wanted && !days.empty()) {
      unnamed = unnamed || key.currency.empty();
      named.insert(key.currency);
    }
  }
  named.erase("");
  if (named.size() <= 1) {
    named.insert("");
    return {named};
  }
  std::vector<std::set<std::string>> out;
  for (const std::string& currency : named) {
    out.push_back({currency});
  }
  if (unnamed) {
    out.push_back({""});
  }
  return out;
}

Answer assemble(const Question& question, const std::vector<Wanted>& wanted, const Parts& parts,
                DayRange range, std::int64_t today) {
  Answer out;
  out.kpi = question.kpi;
  out.app_id = question.subject.app_id;
  out.range = range;
  out.time_zone = question.time_zone;
  std::map<std::string, Assembler> groups;
  if (question.group_by) {
    out.group_by = question.group_by->text;
  } else {
    groups.try_emplace("", question, wanted, range);
  }
  for (const auto& [key, days] : parts) {
    groups.try_emplace(key.group, question, wanted, range).first->second.add(key, days);
  }
  const Money money = money_of(question, parts);
  out.one_currency = !question.currency.empty();
  out.currency = question.kpi.unit == Unit::kCurrency && money.one ? money.currency : "";
  for (auto& [group, assembler] : groups) {
    auto name = group.empty() ? std::nullopt : std::optional<std::string>(group);
    out.series.push_back(assembler.make(std::move(name), today, money));
  }
  std::ranges::stable_sort(out.series, std::ranges::greater(), weight_of);
  return out;
}

}  // namespace kpi
