// SegmentStream's table of hits, exported as JSON lines: a row is the hit as it was sent, with the
// time it arrived and without what was not sent, which is null there.

#include "base/time_text.h"
#include "imports/fields.h"
#include "imports/parse.h"

#include <utility>

namespace imports {
namespace {

void write_known(json::Value value, json::Writer& out) {
  if (value.is_object()) {
    out.begin_object();
    for (const auto [key, member] : value.members()) {
      if (!member.is_null()) {
        out.key(key);
        write_known(member, out);
      }
    }
    out.end_object();
  } else if (value.is_array()) {
    out.begin_array();
    for (const json::Value element : value.elements()) {
      write_known(element, out);
    }
    out.end_array();
  } else {
    out.value(value);
  }
}

class SegmentstreamParser final : public Parser {
 public:
  Parsed parse(std::string_view line) override {
    Parsed out;
    const auto document = read_object(line, out);
    if (!document) {
      return out;
    }
    const json::Value root = document->root();
    if (!root["event"].is_object()) {
      out.refuse("event, an object, is missing");
      return out;
    }
    Unit& unit = out.units.emplace_back();
    const auto received = read_time(root["receivedAt"]);
    const auto sent = read_time(root["sentAt"]);
    unit.received_at = received ? *received : sent.value_or(base::Time{});
    unit.target = "/track";
    unit.body = body_of(root, sent);
    unit.needs_hit_id = json::to_text(root["hitId"]).empty();
    unit.same_as = unit.needs_hit_id ? unit.body : "";
    return out;
  }

 private:
  static std::string body_of(json::Value root, std::optional<base::Time> sent) {
    json::Writer out;
    out.begin_object();
    for (const auto [key, value] : root.members()) {
      if (value.is_null() || (key == "hitId" && json::to_text(value).empty())) {
        continue;
      }
      out.key(key);
      if (key == "sentAt" && sent) {
        out.string(base::format_iso8601_ms(*sent));
      } else {
        write_known(value, out);
      }
    }
    out.end_object();
    return std::move(out).text();
  }
};

}  // namespace

std::unique_ptr<Parser> make_segmentstream_parser(const Reading& /*reading*/) {
  return std::make_unique<SegmentstreamParser>();
}

}  // namespace imports
