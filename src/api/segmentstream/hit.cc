#include "api/segmentstream/hit.h"

#include "base/time_text.h"
#include "codec/compression.h"
#include "json/lenient.h"

#include <array>
#include <utility>

namespace api::segmentstream {
namespace {

constexpr codec::UnpackLimits kUnpackLimits{.bytes_max = kBodyBytesMax, .ratio_max = 1000};

Problem too_large(const std::string& what) {
  return {"too_large", what + ", the limit is " + std::to_string(kBodyBytesMax) + " bytes"};
}

std::optional<Problem> unpack(const event::Record& record, Hit& hit) {
  if (record.body.size() > kBodyBytesMax) {
    return too_large("the body has " + std::to_string(record.body.size()) + " bytes");
  }
  const std::string_view encoding = record.header("content-encoding");
  if (encoding.empty()) {
    return std::nullopt;
  }
  base::Result<std::string> unpacked = codec::decode_content(encoding, record.body, kUnpackLimits);
  if (unpacked) {
    hit.unpacked = *std::move(unpacked);
    return std::nullopt;
  }
  if (unpacked.error().code == base::Code::kTooLarge) {
    return too_large("the body is larger when it is unpacked");
  }
  return Problem{"invalid_body", "the body cannot be unpacked: " + unpacked.error().message};
}

std::string first_id(json::Value root, std::string_view key) {
  for (const json::Value owner : {root["event"]["user"], root["user"], root}) {
    std::optional<std::string> id = json::read_text(owner[key]);
    if (id && !id->empty()) {
      return *std::move(id);
    }
  }
  return {};
}

std::optional<Problem> check_sent_at(json::Value sent_at) {
  if (!sent_at || sent_at.is_null()) {
    return std::nullopt;
  }
  const std::optional<std::string_view> text = sent_at.string();
  if (text && base::parse_iso8601(*text)) {
    return std::nullopt;
  }
  return Problem{"invalid_sent_at",
                 "sentAt must be an ISO 8601 date such as 2019-02-21T10:56:10.723Z, it is " +
                     (text ? json::quote_short(*text) : std::string(json::describe(sent_at)))};
}

}  // namespace

Hit read_hit(const event::Record& record) {
  Hit hit;
  hit.problem = unpack(record, hit);
  if (hit.problem) {
    return hit;
  }
  base::Result<json::Document> document = json::Document::parse(hit.text(record));
  if (!document) {
    hit.problem =
        Problem{"invalid_json", "the body is not valid JSON: " + document.error().message};
    return hit;
  }
  hit.document = *std::move(document);
  return hit;
}

Ids read_ids(json::Value root) {
  return {.user_id = first_id(root, "userId"), .anonymous_id = first_id(root, "anonymousId")};
}

std::optional<Problem> check_hit(json::Value root) {
  if (!root.is_object()) {
    return Problem{"not_an_object",
                   "the body must be a JSON object, it is " + std::string(json::describe(root))};
  }
  const json::Value event = root["event"];
  if (!event.is_object()) {
    return Problem{"missing_event",
                   "event must be an object, it is " + std::string(json::describe(event))};
  }
  const Ids ids = read_ids(root);
  if (ids.user_id.empty() && ids.anonymous_id.empty()) {
    return Problem{"missing_user", "a userId or an anonymousId is required in event.user"};
  }
  return check_sent_at(root["sentAt"]);
}

}  // namespace api::segmentstream
