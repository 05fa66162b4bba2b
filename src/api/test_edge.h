#pragma once
// An Edge for endpoint tests: a real registry in a scratch folder, a clock that stands still and an
// intake that keeps what it is given.

#include "api/edge.h"
#include "base/check.h"
#include "base/log.h"
#include "base/random.h"

#include <filesystem>  // NOLINT: for the scratch folder of a test
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace api {

/// Answers at once: with the next position, or with `failure` when it is set. `throws` is a request
/// that breaks off on its way.
class RecordingIntake final : public Intake {
 public:
  void append(const event::Record& record,
              std::function<void(base::Result<event::Position>)> done) override {
    if (throws) {
      throw std::bad_alloc();
    }
    if (failure) {
      done(*failure);
      return;
    }
    event::encode_record(record, records_.emplace_back());
    done(event::Position{records_.size()});
  }
  [[nodiscard]] std::size_t count() const { return records_.size(); }
  /// Lifetime: as long as the intake gets no further record.
  [[nodiscard]] event::Record at(std::size_t index) const {
    return event::decode_record(records_.at(index)).value();
  }

  std::optional<base::Error> failure;
  bool throws = false;

 private:
  std::vector<std::string> records_;
};

struct TestRequest {
  std::string method = "POST";
  std::string target = "/";
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  http::Trouble trouble = http::Trouble::kNone;
};

class TestEdge {
 public:
  /// `name` makes the scratch folder's name; an application "shop" is made with `credentials`.
  explicit TestEdge(const std::string& name, const registry::CredentialInput& credentials = {})
      : folder_(scratch(name)),
        registry_(*registry::Registry::open(folder_, clock, random_)),
        edge{intake, *registry_, clock, base::null_log(), names_, idempotency_} {
    CHECK(registry_->create_app("shop", {}, credentials));
  }
  TestEdge(const TestEdge&) = delete;
  TestEdge& operator=(const TestEdge&) = delete;
  ~TestEdge() { std::filesystem::remove_all(folder_); }

  /// One setting of "shop".
  void set(const std::string& key, const std::string& value) {
    CHECK(registry_->set("shop", key, value));
  }

  http::Reply send(http::Handler& handler, const TestRequest& test) const {
    http::Request request;
    request.method = test.method;
    request.target = test.target;
    request.path = request.target.substr(0, request.target.find('?'));
    if (request.path.size() < request.target.size()) {
      request.query = request.target.substr(request.path.size() + 1);
    }
    for (const auto& [key, value] : test.headers) {
      request.headers.emplace_back(key, value);
    }
    request.body = test.body;
    request.peer_ip = "198.51.100.9";
    request.socket_ip = request.peer_ip;
    request.request_id = "0af70af70af74af78af70af70af70af7";
    request.received_at = clock.now();
    request.trouble = test.trouble;
    http::Reply answer;
    answer.status = 0;
    handler.handle(request, http::Responder([&](http::Reply reply) { answer = std::move(reply); }));
    return answer;
  }

  base::ManualClock clock{base::from_us(1'700'000'000'123'000)};
  RecordingIntake intake;

 private:
  static std::string scratch(const std::string& name) {
    const std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("catchment_" + name + "_" + random_name());
    std::filesystem::create_directories(folder);
    return folder.string();
  }
  static std::string random_name() {
    base::SystemRandom random;
    return base::random_hex(random, 8);
  }

  std::string folder_;
  base::SeededRandom random_{7};
  std::unique_ptr<registry::Registry> registry_;
  EventNames names_;
  IdempotencyKeys idempotency_{clock};

 public:
  Edge edge;
};

/// The value of a reply's header, or "(none)".
inline std::string header_of(const http::Reply& reply, std::string_view name) {
  for (const auto& [key, value] : reply.headers) {
    if (key == name) {
      return value;
    }
  }
  return "(none)";
}

}  // namespace api
