#pragma once
// Records for the tests of this folder: the guide's example, changed as a test likes.

#include "event/record.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace api::mobile_analytics {

inline constexpr std::string_view kGuideContext =
    R"({"client":{"client_id":"c-1","app_title":"My App","app_version_name":"V2.0",)"
    R"("app_version_code":"3","app_package_name":"com.example.my_app"},)"
    R"("custom":{"plan":"gold"},)"
    R"("env":{"platform":"android","model":"Nexus","make":"Samsung","platform_version":"4.0.4",)"
    R"("locale":"en_US"},)"
    R"("services":{"mobile_analytics":{"app_id":"ma-1"}}})";

inline constexpr std::string_view kGuideEvent =
    R"({"metrics":{"Score":12345,"TimeInLevel":64},)"
    R"("session":{"id":"s-1","startTimestamp":"2014-06-30T19:07:47.885Z"},)"
    R"("attributes":{"LevelName":"Level1","CharacterClass":"Warrior","Successful":"True"},)"
    R"("eventType":"LevelComplete","version":"v2.0","timestamp":"2014-06-30T19:07:47.885Z"})";

inline std::string batch_of(const std::vector<std::string>& events) {
  std::string out = "{\"events\":[";
  for (std::size_t i = 0; i < events.size(); ++i) {
    out += (i == 0 ? "" : ",") + events[i];
  }
  return out + "]}";
}

/// Holds what a Record only views.
class TestRecord {
 public:
  TestRecord() = default;
  explicit TestRecord(std::string body_in) : body(std::move(body_in)) {}

  std::string context{kGuideContext};
  std::string body = batch_of({std::string(kGuideEvent)});
  std::string user_agent = "curl/8.0";
  std::vector<std::pair<std::string, std::string>> headers{};
  std::vector<std::pair<std::string, std::string>> notes{};
  event::RecordKind kind = event::RecordKind::kAccepted;

  [[nodiscard]] event::Record view() const {
    event::Record record;
    record.kind = kind;
    record.api = event::Api::kMobileAnalytics;
    record.received_at = base::from_us(1'700'000'000'123'000);
    record.app_id = "shop";
    record.peer_ip = "198.51.100.9";
    record.user_agent = user_agent;
    record.headers.push_back({"x-amz-client-context", context});
    for (const auto& [name, value] : headers) {
      record.headers.push_back({name, value});
    }
    for (const auto& [key, value] : notes) {
      record.notes.push_back({key, value});
    }
    record.body = body;
    return record;
  }
};

/// `text` with the first `from` replaced by `to`.
inline std::string with(std::string_view text, std::string_view from, std::string_view to) {
  std::string out(text);
  const std::size_t at = out.find(from);
  return at == std::string::npos ? out : out.replace(at, from.size(), to);
}

}  // namespace api::mobile_analytics
