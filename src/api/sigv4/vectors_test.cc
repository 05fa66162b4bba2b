// Holds canonical form, string to sign and verdict against AWS' published test suite.

#include "api/sigv4/verifier.h"
#include "base/time_text.h"
#include "codec/hash.h"
#include "io/file_system.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace api::sigv4 {
namespace {

constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
constexpr std::string_view kTime = "20150830T123600Z";

std::string read_text(const std::string& path) {
  const std::unique_ptr<io::FileSystem> files = io::posix_file_system();
  const base::Result<std::string> text = io::read_file(*files, path, 1U << 16U);
  EXPECT_TRUE(text) << path;
  return text ? *text : std::string();
}

/// A request as the suite writes it: also with folded header lines and spaces in the target, which
/// no HTTP server would let through.
class RequestText {
 public:
  explicit RequestText(std::string text) : text_(std::move(text)) {
    std::string_view rest = text_;
    const std::string_view line = take_line(rest);
    const std::size_t method_end = line.find(' ');
    const std::string_view target =
        line.substr(method_end + 1, line.rfind(" HTTP/1.1") - method_end - 1);
    request_.method = line.substr(0, method_end);
    request_.path = target.substr(0, target.find('?'));
    request_.query = target.size() > request_.path.size() ? target.substr(request_.path.size() + 1)
                                                          : std::string_view();
    while (!rest.empty()) {
      const std::string_view header = take_line(rest);
      if (header.empty()) {
        break;
      }
      add_header(header);
    }
    request_.headers = headers_;
    request_.body = rest;
  }
  RequestText(const RequestText&) = delete;
  RequestText& operator=(const RequestText&) = delete;

  Request request_;
  std::vector<std::pair<std::string_view, std::string_view>> headers_;

  std::string& text() { return text_; }

 private:
  static std::string_view take_line(std::string_view& rest) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    return line;
  }

  void add_header(std::string_view line) {
    if (line.front() == ' ' || line.front() == '\t') {
      std::string_view& value = headers_.back().second;
      value = {value.data(), static_cast<std::size_t>(line.data() + line.size() - value.data())};
      return;
    }
    const std::size_t colon = line.find(':');
    headers_.emplace_back(line.substr(0, colon), line.substr(colon + 1));
  }

  std::string text_;
};

struct Case {
  std::string name;
  std::string signed_request;
  std::string canonical_request;
  std::string string_to_sign;
};

std::vector<std::string> list(const std::string& folder) {
  const base::Result<std::vector<std::string>> names = io::posix_file_system()->list(folder);
  EXPECT_TRUE(names) << folder;
  return names ? *names : std::vector<std::string>();
}

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  const std::string root = std::string(CATCHMENT_TEST_DATA) + "/sigv4/";
  for (const std::string& name : list(root + "aws-c-auth")) {
    for (const std::string form : {"header", "query"}) {
      const std::string stem = root + "aws-c-auth/" + name + "/" + form;
      cases.push_back({name + " " + form, stem + "-signed-request.txt",
                       stem + "-canonical-request.txt", stem + "-string-to-sign.txt"});
    }
  }
  for (const std::string& name : list(root + "botocore")) {
    const std::string stem = root + "botocore/" + name + "/" + name;
    cases.push_back({name + " botocore", stem + ".sreq", stem + ".creq", stem + ".sts"});
  }
  return cases;
}

/// The token a request carries is the one its key has.
Verdict verify(const Request& request) {
  Verifier verifier;
  const std::variant<Presented, Denial> presented = read_presented(request);
  const std::string token = std::holds_alternative<Presented>(presented)
                                ? std::get<Presented>(presented).token
                                : std::string();
  const SecretLookup secret_of = [&token](std::string_view key) {
    return key == "AKIDEXAMPLE" ? std::optional<Secret>(Secret{kSecret, token}) : std::nullopt;
  };
  return verifier.verify(request, {"service", "us-east-1", std::chrono::minutes(15)},
                         *base::parse_iso8601(kTime), secret_of);
}

TEST(Vectors, TheSuiteIsThere) { EXPECT_EQ(all_cases().size(), 30U * 2U + 32U); }

TEST(Vectors, CanonicalRequestAndStringToSignAreThoseOfTheSuite) {
  for (const Case& entry : all_cases()) {
    const RequestText text(read_text(entry.signed_request));
    const std::variant<Presented, Denial> read = read_presented(text.request_);
    ASSERT_TRUE(std::holds_alternative<Presented>(read)) << entry.name;
    const auto& presented = std::get<Presented>(read);
    const std::optional<std::string> canonical = canonical_request(
        text.request_, presented.signed_headers, codec::to_hex(codec::sha256(text.request_.body)));
    ASSERT_TRUE(canonical) << entry.name;
    EXPECT_EQ(*canonical, read_text(entry.canonical_request)) << entry.name;
    EXPECT_EQ(string_to_sign(kTime, presented.scope, *canonical), read_text(entry.string_to_sign))
        << entry.name;
  }
}

TEST(Vectors, EveryRequestOfTheSuiteIsAccepted) {
  for (const Case& entry : all_cases()) {
    const RequestText text(read_text(entry.signed_request));
    const Verdict verdict = verify(text.request_);
    EXPECT_TRUE(verdict.accepted()) << entry.name << ": " << verdict.denial->message;
    EXPECT_EQ(verdict.access_key_id, "AKIDEXAMPLE");
  }
}

/// One bit of the path, of every header value and of the body, one after the other.
TEST(Vectors, AnyChangedPartIsRefused) {
  for (const Case& entry : all_cases()) {
    RequestText text(read_text(entry.signed_request));
    const auto refused_with_changed = [&text](std::string_view part) {
      const auto at = static_cast<std::size_t>(part.data() - text.text().data()) + part.size() - 1;
      text.text()[at] ^= 1;
      const bool accepted = verify(text.request_).accepted();
      text.text()[at] ^= 1;
      return !accepted;
    };
    const std::string_view path = text.request_.path;
    if (!path.ends_with('/') && !path.ends_with('.')) {
      EXPECT_TRUE(refused_with_changed(path)) << entry.name;
    }
    if (!text.request_.query.empty()) {
      EXPECT_TRUE(refused_with_changed(text.request_.query)) << entry.name;
    }
    for (const auto& [name, value] : text.headers_) {
      EXPECT_TRUE(refused_with_changed(value)) << entry.name << ": " << name;
    }
    if (!text.request_.body.empty()) {
      EXPECT_TRUE(refused_with_changed(text.request_.body)) << entry.name;
    }
    EXPECT_TRUE(verify(text.request_).accepted()) << entry.name;
  }
}

}  // namespace
}  // namespace api::sigv4
