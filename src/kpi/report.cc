#include "kpi/report.h"

#include "kpi/part.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <set>
#include <utility>

namespace kpi {
namespace {

using enum SeriesKind;

constexpr std::size_t kEventsShown = 10;

/// Places in wanted().
enum Wants : std::size_t {
  kDau,
  kMau,
  kNew,
  kStarts,
  kAfterDay,
  kAfterWeek,
  kInWeek,
  kMoney,
  kPayers,
  kSeen,
};

std::vector<Wanted> wanted() {
  return {{kActiveUsers, {}, {}},    {kMonthlyUsers, {}, {}},  {kNewUsers, {}, {}},
          {kSessions, {}, {}},       {kDayRetention, "1", {}}, {kDayRetention, "7", {}},
          {kWeekRetention, "1", {}}, {kRevenue, {}, {}},       {kPayingUsers, {}, {}},
          {kFirstSeen, {}, {}}};
}

/// Sums over the days of a range.
class Numbers {
 public:
  Numbers(const Parts& parts, DayRange range, std::int64_t today)
      : parts_(parts), range_({range.first, std::min(range.last, today)}), today_(today) {}

  [[nodiscard]] std::int64_t sum(Wants wants) const { return sum(wants, range_); }

  /// Up to the last day.
  [[nodiscard]] std::int64_t cumulated(Wants wants) const { return sum(wants, {0, range_.last}); }

  [[nodiscard]] Value average(Wants wants) const {
    const std::int64_t days = range_.last - range_.first + 1;
    return days <= 0 ? Value() : ratio(static_cast<double>(sum(wants)), days);
  }

  /// The mean of the days' DAU / MAU.
  [[nodiscard]] Value stickiness() const {
    double sum_of_days = 0;
    std::int64_t days = 0;
    std::int64_t month = cumulated_before(kMau);
    for (std::int64_t day = range_.first; day <= range_.last; ++day) {
      month += sum(kMau, {day, day});
      if (month != 0) {
        sum_of_days += static_cast<double>(sum(kDau, {day, day})) / static_cast<double>(month);
        ++days;
      }
    }
    return ratio(sum_of_days, days);
  }

  /// The share of daily users who came again, of days whose window of `reach` days is over.
  [[nodiscard]] Value returned(Wants wants, std::int64_t reach) const {
    const DayRange over = {range_.first, std::min(range_.last, today_ - reach - 1)};
    return ratio(static_cast<double>(sum(wants, over)), sum(kDau, over));
  }

  [[nodiscard]] Millionths money(const std::set<std::string>& currencies) const {
    Millionths total;
    for (const std::string& currency : currencies) {
      const auto part = parts_.find({"", kMoney, currency});
      if (part == parts_.end()) {
        continue;
      }
      for (auto at = part->second.lower_bound(range_.first);
           at != part->second.end() && at->first <= range_.last; ++at) {
        total.whole += at->second.whole;
        total.micro += at->second.micro;
      }
    }
    return total;
  }

  static Value ratio(double above, std::int64_t below) {
    return below == 0 ? Value() : above / static_cast<double>(below);
  }

 private:
  [[nodiscard]] std::int64_t sum(Wants wants, DayRange range) const {
    const auto part = parts_.find({"", wants, ""});
    std::int64_t total = 0;
    if (part == parts_.end()) {
      return total;
    }
    for (auto at = part->second.lower_bound(range.first);
         at != part->second.end() && at->first <= range.last; ++at) {
      total += at->second.count;
    }
    return total;
  }
  [[nodiscard]] std::int64_t cumulated_before(Wants wants) const {
    return sum(wants, {0, range_.first - 1});
  }

  const Parts& parts_;
  const DayRange range_;
  const std::int64_t today_;
};

/// Fills a report's lines with the numbers of now and before.
class Lines {
 public:
  Lines(const Numbers& now, const Numbers& before, std::vector<ReportLine>& out)
      : now_(now), before_(before), out_(out) {}

  template <class Function>
  void add(std::string name, std::string key, Unit unit, Function value_of) {
    add({std::move(name), std::move(key), unit, {}, value_of(now_), value_of(before_), {}});
  }
  template <class Function>
  void add_money(std::string name, std::string key, const std::string& currency,
                 Function value_of) {
    add({std::move(name),
         std::move(key),
         Unit::kCurrency,
         currency,
         value_of(now_),
         value_of(before_),
         {}});
  }

 private:
  void add(ReportLine line) {
    const double before = to_double(line.before);
    if (before != 0 && !is_null(line.value)) {
      // To a millionth: the rest is noise of the division.
      line.change = std::round((to_double(line.value) / before - 1) * 1e6) / 1e6;
    }
    out_.push_back(std::move(line));
  }
  const Numbers& now_;
  const Numbers& before_;
  std::vector<ReportLine>& out_;
};

void add_usage(Lines& lines) {
  lines.add("active users a day", "daily_active_users", Unit::kNumber,
            [](const Numbers& of) { return of.average(kDau); });
  lines.add("monthly active users, last day", "monthly_active_users", Unit::kCount,
            [](const Numbers& of) { return of.cumulated(kMau); });
  lines.add("new users", "new_users", Unit::kCount, [](const Numbers& of) { return of.sum(kNew); });
  lines.add("users ever seen, last day", "lifetime_users", Unit::kCount,
            [](const Numbers& of) { return of.cumulated(kSeen); });
  lines.add("sessions", "sessions", Unit::kCount,
            [](const Numbers& of) { return of.sum(kStarts); });
  lines.add("sessions per daily active user", "sessions_per_daily_active_user", Unit::kRatio,
            [](const Numbers& of) {
              return Numbers::ratio(static_cast<double>(of.sum(kStarts)), of.sum(kDau));
            });
  lines.add("sticky factor", "sticky_factor", Unit::kRatio,
            [](const Numbers& of) { return of.stickiness(); });
  lines.add("day 1 retention", "day_1_retention", Unit::kRatio,
            [](const Numbers& of) { return of.returned(kAfterDay, 1); });
  lines.add("day 7 retention", "day_7_retention", Unit::kRatio,
            [](const Numbers& of) { return of.returned(kAfterWeek, 7); });
  lines.add("week 1 retention", "week_1_retention", Unit::kRatio,
            [](const Numbers& of) { return of.returned(kInWeek, 7); });
}

void add_money(Lines& lines, const Parts& parts) {
  lines.add("paying users a day", "daily_paying_users", Unit::kNumber,
            [](const Numbers& of) { return of.average(kPayers); });
  for (const std::set<std::string>& currencies : currencies_of(parts, kMoney)) {
    const std::string& currency = *currencies.rbegin();
    const auto per = [&currencies](const Numbers& of, Wants wants) {
      return Numbers::ratio(to_double(of.money(currencies)), of.sum(wants));
    };
    lines.add_money("revenue", "revenue", currency,
                    [&currencies](const Numbers& of) { return Value(of.money(currencies)); });
    lines.add_money("revenue per daily active user", "arpdau", currency,
                    [&per](const Numbers& of) { return per(of, kDau); });
    lines.add_money("revenue per daily paying user", "arppdau", currency,
                    [&per](const Numbers& of) { return per(of, kPayers); });
  }
}

base::Status add_events(const Subject& subject, const Sources& sources, Report& out) {
  const auto reader = open_rollups(sources);
  if (!reader) {
    return reader.error();
  }
  const loader::state::SeriesChoice choice{subject.app_id, {}, kEvents, {}, {}};
  auto now = (*reader)->totals(choice, out.range);
  if (!now) {
    return now.error();
  }
  const auto before = (*reader)->totals(choice, out.before);
  if (!before) {
    return before.error();
  }
  now->resize(std::min(now->size(), kEventsShown));
  for (loader::state::SeriesTotal& total : *now) {
    const auto known = std::ranges::find(*before, total.name, &loader::state::SeriesTotal::name);
    out.events.push_back(
        {std::move(total.name), total.count, known == before->end() ? 0 : known->count});
  }
  return base::ok();
}

}  // namespace

base::Result<Report> report(const Subject& subject, const Parameters& parameters,
                            const Sources& sources) {
  for (const auto& [name, value] : parameters) {
    if (name != "start-date" && name != "end-date") {
      return base::fail(base::Code::kInvalid,
                        "parameter \"" + name + "\" is unknown; expected start-date or end-date");
    }
  }
  const auto question = read_question("/kpis/dau/count", parameters, subject);
  if (!question) {
    return question.error();
  }
  const std::int64_t today =
      std::chrono::floor<std::chrono::days>(subject.now).time_since_epoch().count();
  const auto range = days_of(*question, today);
  if (!range) {
    return range.error();
  }
  Report out;
  out.app_id = subject.app_id;
  out.range = *range;
  out.before = {2 * range->first - range->last - 1, range->first - 1};
  const auto parts = read_rollups(*question, wanted(), {out.before.first, out.range.last}, sources);
  if (!parts) {
    return parts.error();
  }
  const Numbers now(*parts, out.range, today);
  const Numbers before(*parts, out.before, today);
  Lines lines(now, before, out.lines);
  add_usage(lines);
  add_money(lines, *parts);
  if (auto added = add_events(subject, sources, out); !added) {
    return added.error();
  }
  return out;
}

}  // namespace kpi
