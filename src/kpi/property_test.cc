// Random histories, with events that come late, twice, without a session, without a user, with
// times that cannot be and numbers of every form: every series read from rollups equals the one
// computed from events.

#include "kpi/test_world.h"
#include "loader/rollup/changes.h"

#include <algorithm>
#include <array>
#include <random>
#include <sstream>

namespace kpi {
namespace {

using enum SeriesKind;

constexpr std::int64_t kDays = 80;
constexpr DayRange kAsked = {kFirstDay + 10, kFirstDay + kDays + 40};

class Histories : public KpiWorld, public testing::WithParamInterface<unsigned> {
 protected:
  template <class List>
  auto pick(const List& list) {
    return list[random_() % std::size(list)];
  }
  bool rarely() { return random_() % 8 == 0; }

  std::string number() {
    static constexpr std::array<const char*, 24> kNumbers = {
        "1",        "-2.5",     "0.1",       "1.99",       "1e3",       "\"12\"",
        "\"0.30\"", "\"1e2\"",  "\" 1\"",    "\"1.\"",     "\"+1\"",    "\"\"",
        "true",     "null",     "[1]",       "{\"a\":1}",  "1e15",      "-1.5e15",
        "\"1e-9\"", "\"5e-7\"", "\"1e400\"", "\"1e-400\"", "0.0000005", "123456789.123456789"};
    return pick(kNumbers);
  }
  std::string object() {
    static constexpr std::array<const char*, 6> kKeys = {"n",         "_item_price", "Amount",
                                                         "_currency", "x.y",         "quo'te/~"};
    std::string out = "{";
    for (const char* key : kKeys) {
      if (random_() % 2 == 0) {
        out.append(out.size() == 1 ? "\"" : ",\"").append(key).append("\":").append(number());
      }
    }
    static constexpr std::array<const char*, 4> kMore = {
        "\"Currency\":\"usd\"", "\"Currency\":\"\"", "\"x\":{\"y\":2,\"c\":\"EUR\"}", "\"x\":[7]"};
    if (random_() % 2 == 0) {
      out.append(out.size() == 1 ? "" : ",").append(pick(kMore));
    }
    return out + "}";
  }

  event::Event random_event() {
    static constexpr std::array<Api, 5> kApis = {Api::kMobileAnalytics, Api::kMobileAnalytics,
                                                 Api::kClickstream, Api::kClevertap,
                                                 Api::kSegmentstream};
    static constexpr std::array<const char*, 9> kNames = {"_session.start",
                                                          "_session_start",
                                                          "_session.start",
                                                          "level",
                                                          "Charged",
                                                          "purchase",
                                                          "gift",
                                                          "_monetization.purchase",
                                                          "Completed Transaction"};
    event::Event out = make(static_cast<std::int64_t>(random_() % kDays) + 1,
                            "u" + std::to_string(random_() % 5), pick(kNames), pick(kApis));
    *out.event_timestamp += static_cast<std::int64_t>(random_() % kDayUs) - kDayUs / 2;
    if (rarely()) {
      out.user_pseudo_id.clear();
      out.user_id = rarely() ? "" : "u1";
    }
    if (rarely()) {
      out.session_id.clear();
    }
    out.platform = pick(std::array<const char*, 3>{"iOS", "Android", ""});
    if (rarely()) {
      out.event_timestamp = rarely() ? -5 : *out.event_timestamp + 1000 * kDayUs;
    }
    if (random_() % 3 == 0) {
      out.event_value = pick(std::array<double, 4>{1.5, -0.25, 2e15, 0});
      out.currency = pick(std::array<const char*, 3>{"EUR", "usd", ""});
    }
    out.properties = object();
    if (out.api == Api::kMobileAnalytics) {
      out.metrics = rarely() ? "" : object();
      out.attributes = rarely() ? "" : object();
    }
    return out;
  }

  void make_history() {
    if (random_() % 2 == 0) {
      book_->set("game", "_session.start,level", "gift:x.y:x.c,level:n,purchase:Amount:Currency");
    }
    std::vector<event::Event> sent;
    for (int i = 0; i < 250; ++i) {
      event::Event event = sent.empty() || !rarely() ? random_event() : pick(sent);
      event.event_id = event.event_id.empty() ? "id" + std::to_string(i) : event.event_id;
      sent.push_back(event);
      send(std::move(event));
      if (i % 50 == 0) {
        set_day(kDays + i / 50);
        load();
      }
    }
    load();
  }

  std::mt19937 random_{GetParam()};
};

std::vector<Wanted> all_series() {
  std::vector<Wanted> out;
  for (const SeriesKind kind : {kSessions, kActiveUsers, kMonthlyUsers, kNewUsers, kPayingActive,
                                kPayingMonthly, kFirstSeen, kPayingUsers, kRevenue}) {
    out.push_back({kind, {}, {}});
  }
  for (const std::int64_t days : loader::rollup::kRetentionDays) {
    out.push_back({kDayRetention, std::to_string(days), {}});
  }
  for (const std::int64_t weeks : loader::rollup::kRetentionWeeks) {
    out.push_back({kWeekRetention, std::to_string(weeks), {}});
  }
  for (const char* name : {"level", "_session.start", "none"}) {
    out.push_back({kEvents, name, {}});
    for (const char* key : {"n", "x.y", "x", "quo'te/~", "_item_price"}) {
      out.push_back({kMetric, name, key});
    }
  }
  return out;
}

/// One line for each day of each series that is not 0.
std::vector<std::string> lines_of(const std::vector<Wanted>& wanted, const Parts& parts) {
  std::vector<std::string> out;
  for (const auto& [key, days] : parts) {
    const SeriesKind kind = wanted[key.wanted].kind;
    const bool sums = kind == kMonthlyUsers || kind == kPayingMonthly || kind == kFirstSeen;
    DayValue sum;
    for (std::int64_t day = 0; day <= kAsked.last; ++day) {
      const auto found = days.find(day);
      const DayValue value = found == days.end() ? DayValue() : found->second;
      sum.count = value.count + (sums ? sum.count : 0);
      if (day < kAsked.first || (sum.count == 0 && value.count == 0)) {
        continue;
      }
      std::ostringstream line;
      line << key.wanted << ' ' << wanted[key.wanted].name << ' ' << wanted[key.wanted].key << ' '
           << key.currency << ' ' << day << ": " << sum.count << ' '
           << to_text(Millionths{value.whole, value.micro});
      if (kind == kMetric) {
        line << ' ' << value.min << ' ' << value.max;
      }
      out.push_back(line.str());
    }
  }
  return out;
}

TEST_P(Histories, RollupsEqualEvents) {
  make_history();
  const std::vector<Wanted> wanted = all_series();
  for (const Parameters& parameters : {Parameters{}, Parameters{{"api", "mobile_analytics"}}}) {
    const auto question = read("/kpis/dau/count", parameters);
    ASSERT_TRUE(question);
    const auto kept = read_rollups(*question, wanted, kAsked, sources());
    ASSERT_TRUE(kept) << kept.error().message;
    const auto counted = read_events(*question, wanted, kAsked, sources());
    ASSERT_TRUE(counted) << counted.error().message;
    const auto lines = lines_of(wanted, *kept);
    const auto others = lines_of(wanted, *counted);
    EXPECT_GT(lines.size(), 100U);
    const auto [one, other] = std::ranges::mismatch(lines, others);
    EXPECT_EQ(one == lines.end() ? "the end" : *one, other == others.end() ? "the end" : *other);
  }
}

/// Whether one currency alone is named depends on the other groups, too.
void forget_sums(Answer& answer) {
  if (answer.kpi.unit != Unit::kCurrency) {
    return;
  }
  answer.currency.clear();
  for (Point& point : answer.series[0].points) {
    point.value = {};
  }
}

TEST_P(Histories, GroupIsTheAnswerToItsFilter) {
  make_history();
  std::size_t groups = 0;
  for (const Kpi& kpi : all_kpis()) {
    const Parameters days = {{"start-date", "2024-01-05"}, {"end-date", "2024-04-30"}};
    Parameters parameters = days;
    parameters.emplace_back("group-by", "platform");
    const auto grouped = ask(kpi.path, parameters);
    ASSERT_TRUE(grouped) << kpi.path << ": " << grouped.error().message;
    groups += grouped->series.size();
    for (const Series& group : grouped->series) {
      parameters = days;
      parameters.emplace_back("platform", group.group.value_or(""));
      auto filtered = ask(kpi.path, parameters);
      ASSERT_TRUE(filtered) << kpi.path << ": " << filtered.error().message;
      Answer alone = *grouped;
      alone.series = {group};
      alone.group_by.clear();
      forget_sums(alone);
      forget_sums(*filtered);
      EXPECT_EQ(to_json(alone), to_json(*filtered)) << kpi.path;
    }
  }
  EXPECT_GT(groups, 40U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Histories, testing::Range(1U, 3U));

}  // namespace
}  // namespace kpi
