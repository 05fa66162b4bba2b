#include "simulation/history.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <optional>
#include <sstream>
#include <utility>

namespace simulation {
namespace {

using Kind = Action::Kind;

constexpr std::array<std::pair<Kind, std::string_view>, 25> kActions = {{
    {Kind::kSend, "send"},         {Kind::kRetry, "retry"},
    {Kind::kReplay, "replay"},     {Kind::kStep, "step"},
    {Kind::kLoad, "load"},         {Kind::kSeal, "seal"},
    {Kind::kPrepare, "prepare"},   {Kind::kSealStore, "seal-store"},
    {Kind::kTidy, "tidy"},         {Kind::kCompact, "compact"},
    {Kind::kCompress, "compress"}, {Kind::kClock, "clock"},
    {Kind::kCheck, "check"},       {Kind::kStop, "stop"},
    {Kind::kKill, "kill"},         {Kind::kPower, "power"},
    {Kind::kPowerAt, "power-at"},  {Kind::kFault, "fault"},
    {Kind::kFull, "full"},         {Kind::kRoom, "room"},
    {Kind::kDelete, "delete"},     {Kind::kStartOver, "start-over"},
    {Kind::kSync, "sync"},         {Kind::kKeepState, "keep-state"},
    {Kind::kSpare, "spare"},
}};

constexpr std::array<std::pair<Shape, std::string_view>, 6> kShapes = {{
    {Shape::kLines, "lines"},
    {Shape::kClickstream, "clickstream"},
    {Shape::kClevertap, "clevertap"},
    {Shape::kKeyed, "keyed"},
    {Shape::kRefused, "refused"},
    {Shape::kUnreadable, "unreadable"},
}};

constexpr std::array<std::pair<Unit::Kind, std::string_view>, 4> kUnits = {{
    {Unit::Kind::kEvent, "event"},
    {Unit::Kind::kProfile, "profile"},
    {Unit::Kind::kBad, "bad"},
    {Unit::Kind::kThrow, "throw"},
}};

template <class Pairs, class Value>
std::string_view word_of(const Pairs& pairs, Value value) {
  return std::ranges::find(pairs, value, [](const auto& pair) { return pair.first; })->second;
}

template <class Pairs>
auto value_of(const Pairs& pairs, std::string_view word) {
  const auto found = std::ranges::find(pairs, word, [](const auto& pair) { return pair.second; });
  return found == pairs.end() ? std::nullopt : std::optional(found->first);
}

void write_request(std::string_view verb, const Request& request, std::ostream& out) {
  out << verb << ' ' << word_of(kShapes, request.shape);
  if (request.shape == Shape::kKeyed) {
    out << ' ' << request.key;
  }
  for (const Unit& unit : request.units) {
    out << ' ' << word_of(kUnits, unit.kind) << ':' << unit.id << ':' << unit.who;
  }
  out << '\n';
}

std::optional<Unit> read_unit(const std::string& text) {
  std::istringstream in(text);
  std::string word;
  Unit unit;
  char colon = 0;
  std::getline(in, word, ':');
  const auto kind = value_of(kUnits, word);
  if (!kind || !(in >> unit.id >> colon >> unit.who)) {
    return std::nullopt;
  }
  unit.kind = *kind;
  return unit;
}

std::optional<Request> read_request(std::istream& in) {
  std::string word;
  in >> word;
  const auto shape = value_of(kShapes, word);
  if (!shape) {
    return std::nullopt;
  }
  Request request;
  request.shape = *shape;
  if (request.shape == Shape::kKeyed && !(in >> request.key)) {
    return std::nullopt;
  }
  while (in >> word) {
    const auto unit = read_unit(word);
    if (!unit) {
      return std::nullopt;
    }
    request.units.push_back(*unit);
  }
  return request;
}

bool read_line(const std::string& line, History& history) {
  std::istringstream in(line);
  std::string verb;
  in >> verb;
  if (verb == "history") {
    const bool read = static_cast<bool>(in >> history.seed >> history.segment >> history.group >>
                                        history.step >> history.table >> history.window_s);
    history.synced = !(in >> verb);  // "unsynced"
    return read;
  }
  const auto kind = value_of(kActions, verb);
  if (verb == "with" || kind == Kind::kSend) {
    const auto request = read_request(in);
    if (!request || (verb == "with" && history.actions.empty())) {
      return false;
    }
    if (verb != "with") {
      history.actions.push_back({});
      history.actions.back().kind = Kind::kSend;
    }
    history.actions.back().requests.push_back(*request);
    return true;
  }
  if (!kind) {
    return false;
  }
  Action action;
  action.kind = *kind;
  if (*kind == Kind::kFault || *kind == Kind::kDelete) {
    in >> action.word;
  }
  if (!(in >> action.number >> action.error)) {
    return false;
  }
  history.actions.push_back(std::move(action));
  return true;
}

}  // namespace

std::string history_text(const History& history) {
  std::ostringstream out;
  out << "history " << history.seed << ' ' << history.segment << ' ' << history.group << ' '
      << history.step << ' ' << history.table << ' ' << history.window_s
      << (history.synced ? "\n" : " unsynced\n");
  for (const Action& action : history.actions) {
    if (action.kind == Kind::kSend) {
      for (std::size_t at = 0; at < action.requests.size(); ++at) {
        write_request(at == 0 ? "send" : "with", action.requests[at], out);
      }
      continue;
    }
    out << word_of(kActions, action.kind) << ' ';
    if (!action.word.empty()) {
      out << action.word << ' ';
    }
    out << action.number << ' ' << action.error << '\n';
  }
  return out.str();
}

base::Result<History> parse_history(std::string_view text) {
  History history;
  std::istringstream in{std::string(text)};
  std::string line;
  while (std::getline(in, line)) {
    if (!line.empty() && line.front() != '#' && !read_line(line, history)) {
      return base::fail(base::Code::kInvalid, "history: cannot read \"" + line + "\"");
    }
  }
  return history;
}

}  // namespace simulation
