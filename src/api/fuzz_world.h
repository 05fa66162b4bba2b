#pragma once
// What the fuzz targets of the endpoints share: an input read as a request, sent to an endpoint
// that has never seen another, and what came of it: the answer, and the record that would be in the
// journal. The property they hold is one: what the edge answered is what the loader will make of
// the record. For tests; one thread.

#include "api/test_edge.h"
#include "json/value.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace api {

/// The text up to `end`, which is cut off `rest` with it.
inline std::string_view cut(std::string_view& rest, char end) {
  const std::string_view piece = rest.substr(0, rest.find(end));
  rest.remove_prefix(std::min(piece.size() + 1, rest.size()));
  return piece;
}

/// An input reads as a request does: "METHOD target HTTP/1.1", header lines, an empty line, the
/// body; line ends with or without CR. Of the headers, "limits" and "known-names" are for the test:
/// the application's setting, and how many event names it has used.
struct FuzzRequest {
  TestRequest request;
  std::string limits = "vendor";
  std::size_t known_names = 0;

  explicit FuzzRequest(std::string_view input) {
    std::string_view line = cut_line(input);
    static_cast<void>(cut(line, ' '));
    request.target = cut(line, ' ');
    while (!(line = cut_line(input)).empty() && request.headers.size() < kHeadersMax) {
      const std::string name(cut(line, ':'));
      line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
      take_header(name, std::string(line));
    }
    request.body = input;
  }

  /// A header of that name is there once, with `value`.
  void set_header(std::string_view name, const std::string& value) {
    std::erase_if(request.headers, [&](const auto& header) { return same(header.first, name); });
    request.headers.emplace_back(name, value);
  }

 private:
  static constexpr std::size_t kHeadersMax = 50;
  static constexpr std::size_t kNamesMax = 2000;

  static std::string_view cut_line(std::string_view& rest) {
    const std::string_view line = cut(rest, '\n');
    return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
  }
  static bool same(std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, [](unsigned char a, unsigned char b) {
      return std::tolower(a) == std::tolower(b);
    });
  }
  void take_header(const std::string& name, std::string value) {
    if (name == "limits") {
      limits = value == "lenient" || value == "quarantine" ? std::move(value) : "vendor";
    } else if (name == "known-names") {
      known_names = std::min<std::size_t>(std::strtoul(value.c_str(), nullptr, 10), kNamesMax);
    } else {
      request.headers.emplace_back(name, std::move(value));
    }
  }
};

/// What one request left behind.
struct FuzzOutcome {
  http::Reply reply;
  std::size_t records = 0;
  event::Record record{};  ///< As the loader reads it; Lifetime: until the next send().

  /// How many units the books count at the edge.
  [[nodiscard]] std::size_t units() const {
    const auto note = record.note("units");
    return note ? std::strtoul(std::string(*note).c_str(), nullptr, 10) : 1;
  }
  [[nodiscard]] bool accepted() const {
    return records == 1 && record.kind == event::RecordKind::kAccepted;
  }
};

inline std::size_t units_of(const event::Decoded& decoded) {
  return decoded.events.size() + decoded.rejections.size() +
         static_cast<std::size_t>(std::ranges::count_if(
             decoded.profiles, [](const event::ProfileChange& change) { return change.booked; }));
}

/// What holds for the rows of every API: they can be stored, and JSON columns hold JSON.
inline void check_rows(const event::Decoded& decoded) {
  const auto check_json = [](const std::string& text) {
    if (!text.empty()) {
      const auto document = json::Document::parse(text, {.depth_max = 128});
      CHECK(document && document->repairs() == 0);
    }
  };
  const auto check_person = [&](const event::ProfileChange& person) {
    for (const event::PropertyChange& change : person.properties) {
      CHECK((change.op == event::PropertyOp::kDelete) == change.value_json.empty());
      check_json(change.value_json);
    }
  };
  for (const event::Event& event : decoded.events) {
    CHECK(event.event_timestamp.has_value());
    for (const std::string* text : {&event.properties, &event.attributes, &event.metrics,
                                    &event.context, &event.integrations, &event.limit_errors}) {
      check_json(*text);
    }
    for (const event::Item& item : event.items) {
      check_json(item.properties);
    }
    check_person(event.person);
  }
  for (const event::ProfileChange& profile : decoded.profiles) {
    CHECK(!profile.identities.empty());
    check_person(profile);
  }
}

/// The rows of a record, which are the same each time it is read.
template <class Decode>
event::Decoded decode_twice(const event::Record& record, Decode decode) {
  event::Decoded decoded = decode(record);
  const event::Decoded again = decode(record);
  CHECK(again.events.size() == decoded.events.size());
  CHECK(units_of(again) == units_of(decoded));
  for (std::size_t i = 0; i < decoded.events.size(); ++i) {
    CHECK(again.events[i].event_id == decoded.events[i].event_id);
  }
  check_rows(decoded);
  return decoded;
}

/// Applications "vendor", "lenient" and "quarantine", each with that setting of `limits`.
class FuzzWorld {
 public:
  using Credentials = registry::CredentialInput (*)(const std::string& app_id);
  using MakeEndpoint = std::function<std::unique_ptr<http::Handler>(Edge&)>;

  FuzzWorld(event::Api api, Credentials credentials, MakeEndpoint make_endpoint)
      : api_(api), make_endpoint_(std::move(make_endpoint)) {
    for (const std::string limits : {"vendor", "lenient", "quarantine"}) {
      CHECK(world_.edge.registry.create_app(limits, {}, credentials(limits)));
      CHECK(world_.edge.registry.set(limits, "limits", limits));
    }
  }

  /// Nothing is left of what was sent before.
  FuzzOutcome send(const FuzzRequest& fuzz) {
    intake_ = std::make_unique<RecordingIntake>();
    EventNames names;
    for (std::size_t i = 0; i < fuzz.known_names; ++i) {
      names.observe(fuzz.limits, api_, "known " + std::to_string(i));
    }
    IdempotencyKeys keys(world_.clock);
    Edge edge{*intake_, world_.edge.registry, world_.clock, base::null_log(), names, keys};
    const std::unique_ptr<http::Handler> endpoint = make_endpoint_(edge);
    FuzzOutcome outcome;
    outcome.reply = world_.send(*endpoint, fuzz.request);
    outcome.records = intake_->count();
    CHECK(outcome.reply.status >= 200 && outcome.reply.status < 500 && outcome.records <= 1);
    if (outcome.records == 1) {
      outcome.record = intake_->at(0);
      CHECK(outcome.record.api == api_ && outcome.record.body == fuzz.request.body);
    }
    return outcome;
  }
  [[nodiscard]] base::Time now() const { return world_.clock.now(); }

 private:
  const event::Api api_;
  const MakeEndpoint make_endpoint_;
  TestEdge world_{"fuzz"};
  std::unique_ptr<RecordingIntake> intake_;
};

}  // namespace api
