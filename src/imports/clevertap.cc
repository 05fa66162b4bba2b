// What CleverTap gives out: pages of its events and profiles APIs, kept as they were answered, the
// records of such pages one a line, and the files of its bulk export, whose first line is the name
// of the event.

#include "base/text.h"
#include "base/time_text.h"
#include "imports/fields.h"
#include "imports/parse.h"

#include <algorithm>
#include <array>
#include <utility>

namespace imports {
namespace {

/// 20151023140416 on the account's clock; up to ten digits are seconds since 1970.
std::optional<base::Time> read_ts(json::Value value, std::chrono::seconds utc_offset) {
  constexpr std::size_t kDigits = 14;
  constexpr std::size_t kDateDigits = 8;
  std::string digits = json::to_text(value);
  if (digits.size() != kDigits) {
    return digits.size() < kDigits ? read_seconds(value) : std::nullopt;
  }
  digits.insert(kDateDigits, "T").append("Z");
  const auto time = base::parse_iso8601(digits);
  return time ? std::optional(*time - utc_offset) : std::nullopt;
}

void write_identities(json::Value person, json::Writer& out) {
  const std::string object_id = json::to_text(person["objectId"]);
  std::string identity = json::to_text(person["identity"]);
  if (identity.empty() && object_id.empty()) {
    identity = json::to_text(person["email"]);
  }
  if (!object_id.empty()) {
    out.key("objectId").string(object_id);
  }
  if (!identity.empty()) {
    out.key("identity").string(identity);
  }
}

bool has_identity(json::Value person) {
  return std::ranges::any_of(
      std::array<std::string_view, 3>{"identity", "objectId", "email"},
      [person](std::string_view key) { return !json::to_text(person[key]).empty(); });
}

/// When the person was last seen: then the profile was as it is exported.
base::Time last_seen(json::Value profile) {
  base::Time last{};
  for (const auto [name, facts] : profile["events"].members()) {
    last = std::max(last, read_seconds(facts["last_seen"]).value_or(base::Time{}));
  }
  return last;
}

class ClevertapParser final : public Parser {
 public:
  explicit ClevertapParser(Reading reading) : reading_(std::move(reading)) {}

  Parsed parse(std::string_view line) override {
    Parsed out;
    const std::string_view text = base::trim(line, base::kWhiteSpace);
    const bool first = std::exchange(first_, false);
    if (first && !text.starts_with('{') && !text.starts_with('[')) {
      reading_.event_name = base::trim(text, "\"");
      return out;
    }
    const auto document = json::Document::parse(text);
    if (!document) {
      out.refuse("it is no JSON: " + document.error().message);
      return out;
    }
    const json::Value root = document->root();
    const bool page = root["status"] || root["records"] || root["record"];
    if (root.is_array() || root["records"].is_array()) {
      for (const json::Value record : (root.is_array() ? root : root["records"]).elements()) {
        read_record(record, true, out);
      }
    } else if (root["record"].is_object()) {
      read_record(root["record"], true, out);
    } else if (!page) {
      read_record(root, false, out);
    } else if (root["status"].string() != "success") {
      out.refuse("it is an answer without records");
    }
    return out;
  }

 private:
  void read_record(json::Value record, bool of_page, Parsed& out) const {
    std::string why = "it is neither an event, with profile and ts, nor a profile";
    if (!record.is_object()) {
      why = "a record must be an object";
    } else if (record["ts"] && (record["profile"] || event_props(record))) {
      why = read_event(record, out);
    } else if (has_identity(record)) {
      why = read_profile(record, out);
    }
    if (!why.empty()) {
      out.refuse(why, of_page ? json::write(record) : "");
    }
  }

  static json::Value event_props(json::Value record) {
    for (const std::string_view key : {"event_props", "eventProps", "evtData"}) {
      if (record[key]) {
        return record[key];
      }
    }
    return {};
  }

  std::string read_event(json::Value record, Parsed& out) const {
    std::string name = json::to_text(record["evtName"] ? record["evtName"] : record["event_name"]);
    name = name.empty() ? reading_.event_name : name;
    if (name.empty()) {
      return "the name of the event is not known; say it with --event";
    }
    const auto time = read_ts(record["ts"], reading_.utc_offset);
    if (!time) {
      return "ts must be a time such as 20151023140416";
    }
    const json::Value profile = record["profile"];
    if (!has_identity(profile)) {
      return "profile has neither identity nor objectId nor email";
    }
    json::Writer body;
    body.begin_object().key("type").string("event");
    write_identities(profile, body);
    body.key("ts").integer(base::to_us(*time) / 1'000'000);
    body.key("evtName").string(name).key("evtData");
    const json::Value props = event_props(record);
    props.is_object() ? body.value(props) : body.begin_object().end_object();
    std::string same_as(body.text());
    for (const std::string_view key : {"session_props", "profile"}) {
      if (record[key].size() > 0) {
        body.key(key).value(record[key]);
      }
    }
    body.end_object();
    add(std::move(body).text(), std::move(same_as), *time, out);
    return "";
  }

  static std::string read_profile(json::Value record, Parsed& out) {
    json::Writer body;
    body.begin_object().key("type").string("profile");
    write_identities(record, body);
    const base::Time seen = last_seen(record);
    if (seen > base::Time{}) {
      body.key("ts").integer(base::to_us(seen) / 1'000'000);
    }
    body.key("profileData").begin_object();
    const json::Value data = record["profileData"];
    for (const auto& [key, member] :
         {std::pair{"Name", "name"}, {"Email", "email"}, {"Phone", "phone"}}) {
      if (!data[key] && !json::to_text(record[member]).empty()) {
        body.key(key).value(record[member]);
      }
    }
    for (const auto [key, value] : data.members()) {
      body.key(key).value(value);
    }
    body.end_object().end_object();
    std::string text = std::move(body).text();
    add(text, text, seen, out);
    return "";
  }

  static void add(std::string body, std::string same_as, base::Time time, Parsed& out) {
    Unit& unit = out.units.emplace_back();
    unit.received_at = time;
    unit.target = "/1/upload";
    unit.same_as = std::move(same_as);
    unit.body = std::move(body);
  }

  Reading reading_;
  bool first_ = true;
};

}  // namespace

std::unique_ptr<Parser> make_clevertap_parser(const Reading& reading) {
  return std::make_unique<ClevertapParser>(reading);
}

}  // namespace imports
