// The view `session` against a simple model: random histories of two APIs, sent in any order, late
// and more than once, with questions in between.

#include "base/time_text.h"
#include "engine/test_pipeline.h"

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <tuple>

namespace engine {
namespace {

constexpr std::int64_t kDayMs = std::int64_t{1'699'920'000'000};  // 2023-11-14
constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kInactivityMs = 30 * kMinuteMs;

/// One event, as the client has it.
struct Seen {
  bool mobile_analytics = false;
  std::string id;
  std::string person;
  std::string session;
  std::string name;
  std::int64_t time = 0;  ///< Milliseconds, as the others.
  std::optional<std::int64_t> start;
  std::optional<std::int64_t> stop;
  std::optional<std::int64_t> duration;
  std::string source;  ///< Clickstream; "" is told by nobody.

  /// What the vendors' clients send where they have no session.
  [[nodiscard]] bool has_session() const {
    return !session.empty() && session != "00000000-00000000" &&
           (!mobile_analytics || !start || *start > kDayMs / 2);
  }
};

std::string iso(std::int64_t ms) { return base::format_iso8601_ms(base::from_us(ms * 1'000)); }

std::string mobile_analytics_body(const Seen& seen) {
  std::string session = R"({"id":")" + seen.session + "\"";
  if (seen.start) {
    session += R"(,"startTimestamp":")" + iso(*seen.start) + "\"";
  }
  if (seen.stop) {
    session += R"(,"stopTimestamp":")" + iso(*seen.stop) + "\"";
  }
  session += R"(,"duration":)" + (seen.duration ? std::to_string(*seen.duration) : "null") + "}";
  return R"({"events":[{"eventType":")" + seen.name + R"(","version":"v2.0","timestamp":")" +
         iso(seen.time) + R"(","session":)" + session + R"(,"attributes":{"n":")" + seen.id +
         R"("},"metrics":{}}]})";
}

std::string clickstream_body(const Seen& seen, const std::string& app) {
  std::string attributes = R"({"n":1)";
  if (!seen.session.empty()) {
    attributes += R"(,"_session_id":")" + seen.session + "\"";
  }
  if (seen.start) {
    attributes += R"(,"_session_start_timestamp":)" + std::to_string(*seen.start);
  }
  if (seen.duration) {
    attributes += R"(,"_session_duration":)" + std::to_string(*seen.duration);
  }
  if (!seen.source.empty()) {
    attributes += R"(,"_traffic_source_source":")" + seen.source + "\"";
  }
  return R"([{"event_type":")" + seen.name + R"(","event_id":")" + seen.id + R"(","timestamp":)" +
         std::to_string(seen.time) + R"(,"app_id":")" + app + R"(","unique_id":")" + seen.person +
         R"(","attributes":)" + attributes + "}}]";
}

/// Makes histories that have every odd case often.
class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  std::int64_t below(std::int64_t end) {
    return std::uniform_int_distribution<std::int64_t>(0, end - 1)(engine_);
  }
  bool once_in(std::int64_t n) { return below(n) == 0; }
  std::string of(const std::vector<std::string>& texts) {
    return texts[static_cast<std::size_t>(below(std::ssize(texts)))];
  }

  Seen event(int number) {
    Seen out;
    out.mobile_analytics = once_in(2);
    out.id = "e" + std::to_string(number);
    out.person = of({"p", "q"});
    out.time = kDayMs + below(60) * 5 * kMinuteMs;
    if (out.mobile_analytics) {
      make_mobile_analytics(out);
      return out;
    }
    out.name = of({"_session_start", "_page_view", "custom"});
    out.session = of({"", "", "s1", "s2"});
    out.source = of({"", "", "news", "Direct", "ads"});
    if (!out.session.empty() && once_in(3)) {
      out.start = once_in(4) ? 0 : kDayMs + below(10) * kMinuteMs;
      out.duration = below(100) * kMinuteMs;
    }
    return out;
  }
  template <class List>
  void shuffle(List& list) {
    std::shuffle(list.begin(), list.end(), engine_);
  }

 private:
  void make_mobile_analytics(Seen& out) {
    out.session = of({"00000000-00000000", "m1", "m2"});
    out.start = once_in(4) ? below(kMinuteMs) : kDayMs + below(10) * kMinuteMs;
    out.name = of({"_session.start", "_session.pause", "Level", "_session.stop"});
    if (out.name == "_session.pause") {
      out.duration = below(50) * kMinuteMs;
    }
    if (out.name == "_session.stop") {
      out.time += 24 * 60 * kMinuteMs;  // sent when the app came back
      if (!once_in(3)) {
        out.stop = kDayMs + below(120) * kMinuteMs;
      }
      if (once_in(3)) {
        out.duration = below(50) * kMinuteMs;
      }
    }
  }
  std::mt19937 engine_;
};

/// api, person, whether derived, start, end, duration, events, source.
using Session = std::tuple<std::string, std::string, bool, std::int64_t, std::int64_t, std::int64_t,
                           std::int64_t, std::string>;

std::string text_of(const std::multiset<Session>& sessions) {
  std::string out;
  for (const auto& [api, person, derived, start, end, duration, events, source] : sessions) {
    out.append(api).append(",").append(person).append(derived ? ",true," : ",false,");
    out.append(std::to_string(start)).append(",").append(std::to_string(end)).append(",");
    out.append(std::to_string(duration)).append(",").append(std::to_string(events)).append(",");
    out.append(source).append("\r\n");
  }
  return out;
}

/// What was stored, in the order of its first arrival.
class Model {
 public:
  void arrived(const Seen& seen) {
    if (ids_.insert(seen.id).second) {
      events_.push_back(seen);
    }
  }

  [[nodiscard]] std::multiset<Session> sessions() const {
    std::multiset<Session> out;
    std::map<std::tuple<bool, std::string, std::string>, std::vector<Seen>> groups;
    for (const Seen& seen : events_) {
      groups[{seen.mobile_analytics, seen.person, seen.has_session() ? seen.session : ""}]
          .push_back(seen);
    }
    for (auto& [key, members] : groups) {
      std::ranges::stable_sort(members, {}, &Seen::time);
      if (!std::get<2>(key).empty()) {
        out.insert(session_of(members, false));
        continue;
      }
      std::vector<Seen> part;
      for (const Seen& seen : members) {
        if (!part.empty() && seen.time - part.back().time > kInactivityMs) {
          out.insert(session_of(std::exchange(part, {}), true));
        }
        part.push_back(seen);
      }
      out.insert(session_of(part, true));
    }
    return out;
  }

 private:
  static Session session_of(const std::vector<Seen>& events, bool derived) {
    std::optional<std::int64_t> start;
    std::optional<std::int64_t> stop;
    std::optional<std::int64_t> told;
    std::optional<std::int64_t> last;
    for (const Seen& seen : events) {
      if (seen.name != "_session.stop") {
        last = seen.time;
      }
      if (!seen.has_session()) {
        continue;
      }
      if (seen.start && *seen.start > kDayMs / 2) {
        start = std::min(start.value_or(*seen.start), *seen.start);
      }
      stop = std::max(stop, seen.stop);
      const bool between = seen.mobile_analytics && seen.stop && *seen.stop >= *seen.start;
      told = std::max(told, seen.duration || !between ? seen.duration
                                                      : std::optional(*seen.stop - *seen.start));
    }
    const std::int64_t from = start.value_or(events.front().time);
    std::int64_t until = last.value_or(events.back().time);
    until = stop ? *stop : told ? from + *told : until;
    until = std::max(from, until);
    return {events.front().mobile_analytics ? "mobile_analytics" : "clickstream",
            events.front().person,
            derived,
            from,
            until,
            told.value_or(until - from),
            std::ssize(events),
            source_of(events)};
  }
  static std::string source_of(const std::vector<Seen>& events) {
    if (events.front().mobile_analytics) {
      return "";
    }
    for (const Seen& seen : events) {
      if (!seen.source.empty() && seen.source != "Direct") {
        return seen.source;
      }
    }
    return "Direct";
  }

  std::set<std::string> ids_;
  std::vector<Seen> events_;
};

class SessionProperty : public PipelineTest {
 protected:
  void send_event(const std::string& app, const Seen& seen) {
    event::Record record;
    record.app_id = app;
    record.received_at = clock_.now();
    record.method = "POST";
    record.target = "/collect?appId=x";
    const std::string context =
        R"({"client":{"client_id":")" + seen.person +
        R"("},"env":{"platform":"ios"},"services":{"mobile_analytics":{"app_id":"m"}}})";
    const std::string body =
        seen.mobile_analytics ? mobile_analytics_body(seen) : clickstream_body(seen, app);
    if (seen.mobile_analytics) {
      record.api = event::Api::kMobileAnalytics;
      record.headers = {{"x-amz-client-context", context}};
      record.user_agent = "aws-sdk-iOS/2";
    }
    record.body = body;
    put(record);
  }

  void expect_same(const std::string& app, const Model& model) {
    load();
    const auto found = pipeline_->store().query(
        "SELECT api, user_pseudo_id, derived, epoch_ms(started_at) AS s, epoch_ms(ended_at) AS e, "
        "duration_ms, events, traffic_source_source FROM session WHERE app_id = '" +
            app + "' ORDER BY ALL NULLS FIRST",
        store::ResultFormat::kCsv, {});
    ASSERT_TRUE(found) << found.error().message;
    const std::string rows = found->text.substr(found->text.find('\n') + 1);
    EXPECT_EQ(rows, text_of(model.sessions()));
  }
};

TEST_F(SessionProperty, SessionsAreThoseOfTheModelWhateverTheOrder) {
  constexpr unsigned kHistories = 12;
  constexpr int kEvents = 50;
  for (unsigned seed = 1; seed <= kHistories && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Dice dice(seed);
    std::vector<Seen> sent;
    for (int number = 0; number < kEvents; ++number) {
      sent.push_back(dice.event(number));
      for (int again = 0; dice.once_in(4) && again < 3; ++again) {
        sent.push_back(sent.back());
      }
    }
    dice.shuffle(sent);
    const std::string app = "app" + std::to_string(seed);
    Model model;
    for (std::size_t i = 0; i < sent.size(); ++i) {
      send_event(app, sent[i]);
      model.arrived(sent[i]);
      if (i == sent.size() / 2) {
        expect_same(app, model);
      }
    }
    expect_same(app, model);
  }
}

}  // namespace
}  // namespace engine
