#include "simulation/traffic.h"

#include "api/clevertap/decode.h"
#include "api/clickstream/decode.h"
#include "loader/test_decoder.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace simulation {
namespace {

using event::Api;

constexpr std::string_view kApp = "shop";

Api api_of(Shape shape) {
  switch (shape) {
    case Shape::kLines: return Api::kSegmentstream;
    case Shape::kClevertap:
    case Shape::kKeyed: return Api::kClevertap;
    default: return Api::kClickstream;
  }
}

std::string name_of(const Unit& unit) { return "e" + std::to_string(unit.id); }

std::string line_of(const Unit& unit) {
  const std::string who = std::to_string(unit.who);
  switch (unit.kind) {
    case Unit::Kind::kEvent:
      return "event " + (unit.id == 0 ? "-" : name_of(unit)) + " " + name_of(unit) + " d" + who;
    case Unit::Kind::kProfile: return "profile u" + who + " Points " + std::to_string(unit.id);
    case Unit::Kind::kBad: return "bad why";
    default: return "throw";
  }
}

std::string clickstream_of(const Unit& unit) {
  if (unit.kind != Unit::Kind::kEvent) {
    return R"({"event_type":"none","timestamp":1700000000000,"app_id":"shop"})";
  }
  return R"({"event_type":")" + name_of(unit) + R"(","event_id":")" + name_of(unit) +
         R"(","timestamp":1700000000000,"app_id":"shop","unique_id":"d)" +
         std::to_string(unit.who) + R"("})";
}

std::string clevertap_of(const Unit& unit) {
  const std::string who = R"("identity":"u)" + std::to_string(unit.who) + R"(",)";
  switch (unit.kind) {
    case Unit::Kind::kEvent:
      return R"({"type":"event",)" + who + R"("evtName":")" + name_of(unit) + R"(","evtData":{}})";
    case Unit::Kind::kProfile:
      return R"({"type":"profile",)" + who + R"("profileData":{"Points":{"$incr":)" +
             std::to_string(unit.id) + "}}}";
    default: return R"({"type":"odd"})";
  }
}

std::string body_of(const Request& request) {
  const Api api = api_of(request.shape);
  std::string body;
  for (const Unit& unit : request.units) {
    body += body.empty() ? "" : api == Api::kSegmentstream ? "\n" : ",";
    body += api == Api::kSegmentstream ? line_of(unit)
            : api == Api::kClevertap   ? clevertap_of(unit)
                                       : clickstream_of(unit);
  }
  switch (api) {
    case Api::kClevertap: return "{\"d\":[" + body + "]}";
    case Api::kClickstream: return "[" + body + "]";
    default: return body;
  }
}

/// Reads requests in the order of the journal, as the promises of the program say.
class Meaning {
 public:
  explicit Meaning(std::int64_t window_s) : window_s_(window_s) {}

  void read(Position position, const Sent& sent) {
    if (sent.request.shape == Shape::kUnreadable) {
      reject(position, "clickstream", "");
      return;
    }
    api_ = api_of(sent.request.shape);
    const bool throws = std::ranges::any_of(
        sent.request.units, [](const Unit& unit) { return unit.kind == Unit::Kind::kThrow; });
    if (!replay_counts(sent)) {
      return;
    }
    if (throws || sent.request.shape == Shape::kRefused) {
      reject(position, event::api_name(api_), kApp);
      return;
    }
    for (std::size_t at = 0; at < sent.request.units.size(); ++at) {
      read_unit(position, at, sent);
    }
  }

  Derived derived;

 private:
  Books& books(std::string_view api, std::string_view app) {
    return derived.books[std::string(app) + " " + std::string(api)];
  }
  Person& person(char kind, std::uint32_t who) {
    return derived.people[std::string(event::api_name(api_)) + " " + kind + std::to_string(who)];
  }

  void reject(Position position, std::string_view api, std::string_view app) {
    derived.rejected.insert(std::to_string(position));
    ++books(api, app).received;
    ++books(api, app).rejected;
  }

  bool replay_counts(const Sent& sent) {
    if (sent.replay_of.empty()) {
      return true;
    }
    if (!replayed_.insert(sent.replay_of).second) {
      return false;
    }
    --books(event::api_name(api_), kApp).received;
    --books(event::api_name(api_), kApp).rejected;
    return true;
  }

  void read_unit(Position position, std::size_t at, const Sent& sent) {
    const Unit& unit = sent.request.units[at];
    const std::string_view api = event::api_name(api_);
    if (unit.kind == Unit::Kind::kBad) {
      reject(position, api, kApp);
      return;
    }
    ++books(api, kApp).received;
    if (unit.kind == Unit::Kind::kProfile) {
      ++books(api, kApp).stored;
      person('u', unit.who).points += unit.id;
      return;
    }
    if (is_duplicate(sent, at)) {
      ++books(api, kApp).duplicate;
      return;
    }
    ++books(api, kApp).stored;
    ++person(api_ == Api::kClevertap ? 'u' : 'd', unit.who).events;
    derived.names.insert(std::string(api) + " " + name_of(unit));
    derived.events.insert(
        event_row(position, api_, name_of(unit), unit.id == 0 ? "" : name_of(unit)));
  }

  /// First wins; another is stored again only when every stored one is older than the window.
  bool is_duplicate(const Sent& sent, std::size_t at) {
    const Unit& unit = sent.request.units[at];
    const bool keyed = sent.request.shape == Shape::kKeyed;
    if (unit.id == 0 || (api_ == Api::kClevertap && !keyed)) {
      return false;
    }
    const std::string id =
        std::string(event::api_name(api_)) + " " + name_of(unit) +
        (keyed ? " " + std::to_string(sent.request.key) + " " + std::to_string(at) : "");
    const std::int64_t received_s = base::to_us(sent.received) / 1'000'000;
    std::vector<std::int64_t>& stored = stored_[id];
    const bool known = std::ranges::any_of(
        stored, [&](std::int64_t before) { return received_s - before <= window_s_; });
    if (!known) {
      stored.push_back(received_s);
    }
    return known;
  }

  const std::int64_t window_s_;
  Api api_ = Api::kClickstream;
  std::set<std::string> replayed_;
  std::map<std::string, std::vector<std::int64_t>> stored_;
};

template <class Set>
std::string compare_rows(std::string_view what, const Set& expected, const Set& found) {
  for (const auto& row : expected) {
    if (found.count(row) < expected.count(row)) {
      return std::string(what) + " is missing: " + row;
    }
  }
  for (const auto& row : found) {
    if (found.count(row) > expected.count(row)) {
      return std::string(what) + " is too many: " + row;
    }
  }
  return {};
}

std::string text_of(const Books& books) {
  return std::to_string(books.received) + " received, " + std::to_string(books.stored) +
         " stored, " + std::to_string(books.duplicate) + " duplicate, " +
         std::to_string(books.rejected) + " rejected";
}

std::string text_of(const Person& person) {
  return std::to_string(person.events) + " events, " + std::to_string(person.points) + " points";
}

template <class Map>
std::string compare_numbers(const Map& expected, const Map& found) {
  Map all = expected;
  all.insert(found.begin(), found.end());
  for (const auto& [name, unused] : all) {
    const auto meant = expected.contains(name) ? expected.at(name) : typename Map::mapped_type{};
    const auto seen = found.contains(name) ? found.at(name) : typename Map::mapped_type{};
    if (meant != seen) {
      return name + " has " + text_of(seen) + ", expected " + text_of(meant);
    }
  }
  return {};
}

}  // namespace

void write_record(std::uint64_t number, Sent& sent) {
  const std::string id = std::to_string(number);
  if (sent.request.shape == Shape::kUnreadable) {
    sent.bytes = "\xff no record " + id;
    return;
  }
  const std::string body = body_of(sent.request);
  const std::string key = std::to_string(sent.request.key);
  event::Record record;
  record.api = api_of(sent.request.shape);
  record.received_at = sent.received;
  record.app_id = kApp;
  record.request_id = id;
  record.method = "POST";
  record.target = "/collect?platform=Web&appId=shop";
  record.peer_ip = "198.51.100.9";
  record.user_agent = "simulation";
  record.body = body;
  if (sent.request.shape == Shape::kRefused) {
    record.kind = event::RecordKind::kRefused;
    record.notes = {{"code", "refused"}, {"reason", "it was refused"}};
  }
  if (sent.request.shape == Shape::kKeyed) {
    record.notes = {{"idempotency_key", key}, {"idempotency_answer", "{}"}};
  }
  if (!sent.replay_of.empty()) {
    record.notes = {{"replay_of", sent.replay_of}};
  }
  sent.bytes.clear();
  event::encode_record(record, sent.bytes);
}

std::map<Api, loader::Decoder> decoders() {
  return {{Api::kSegmentstream, loader::decode_lines},
          {Api::kClickstream, api::clickstream::decode},
          {Api::kClevertap, api::clevertap::decode}};
}

Derived derive(const std::map<Position, Sent>& journal, std::int64_t window_s) {
  Meaning meaning(window_s);
  for (const auto& [position, sent] : journal) {
    meaning.read(position, sent);
  }
  std::erase_if(meaning.derived.books, [](const auto& line) { return line.second == Books{}; });
  return std::move(meaning.derived);
}

std::string difference(const Derived& expected, const Derived& found) {
  std::string text = compare_rows("event", expected.events, found.events);
  if (text.empty()) {
    text = compare_rows("rejected row", expected.rejected, found.rejected);
  }
  if (text.empty()) {
    text = compare_rows("event name", expected.names, found.names);
  }
  if (text.empty()) {
    text = compare_numbers(expected.books, found.books);
  }
  return text.empty() ? compare_numbers(expected.people, found.people) : text;
}

std::string event_row(Position position, Api api, std::string_view name, std::string_view id) {
  std::string row = std::to_string(position) + " " + std::string(event::api_name(api)) + " ";
  row += name;
  // A CleverTap event has no id of its own, and SegmentStream's is made where it has none.
  const bool named = api != Api::kClevertap && id.starts_with("e");
  return named ? row + " " + std::string(id) : row;
}

}  // namespace simulation
