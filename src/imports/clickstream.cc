// What Clickstream's ingestion wrote to S3: one line for each request, with its body as sent. The
// record is that request again.

#include "base/text.h"
#include "codec/text.h"
#include "imports/fields.h"
#include "imports/parse.h"

#include <initializer_list>
#include <utility>

namespace imports {
namespace {

/// Path and query as the client sent them; of a line that lacks them, what it says besides.
std::string target_of(json::Value root) {
  std::string uri(root["uri"].string().value_or(""));
  if (!uri.empty()) {
    return uri;
  }
  const std::string path = json::to_text(root["path"]);
  std::string out = path.empty() ? "/collect" : path;
  char sign = '?';
  for (const auto& [name, member] :
       std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"platform", "platform"},
           {"appId", "appId"},
           {"compression", "compression"},
           {"upload_timestamp", "client_timestamp"}}) {
    const std::string value = json::to_text(root[member]);
    if (!value.empty()) {
      out += sign;
      out.append(name).append("=").append(codec::encode_percent(value, false));
      sign = '&';
    }
  }
  return out;
}

std::optional<base::Time> received_at(json::Value root) {
  for (const std::string_view member : {"timestamp", "date", "server_ingest_time", "ingest_time"}) {
    if (const auto time = read_time(root[member])) {
      return time;
    }
  }
  return std::nullopt;
}

class ClickstreamParser final : public Parser {
 public:
  Parsed parse(std::string_view line) override {
    Parsed out;
    const auto document = read_object(line, out);
    if (!document) {
      return out;
    }
    const json::Value root = document->root();
    const auto data = root["data"].string();
    const auto time = received_at(root);
    if (!data) {
      out.refuse("data, the text of the request's body, is missing");
    } else if (!time) {
      out.refuse("timestamp, date or ingest_time, when it arrived, is missing");
    } else if (!base::trim(*data, base::kWhiteSpace).empty()) {
      Unit& unit = out.units.emplace_back();
      unit.received_at = *time;
      unit.request_id = json::to_text(root["rid"]);
      unit.target = target_of(root);
      unit.user_agent = json::to_text(root["ua"]);
      if (std::string ip = json::to_text(root["ip"]); !ip.empty()) {
        unit.headers.emplace_back("x-forwarded-for", std::move(ip));
      }
      unit.body = *data;
    }
    return out;
  }
};

}  // namespace

std::unique_ptr<Parser> make_clickstream_parser(const Reading& /*reading*/) {
  return std::make_unique<ClickstreamParser>();
}

}  // namespace imports
