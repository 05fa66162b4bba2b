#include "api/sigv4/verifier.h"

#include "base/time_text.h"
#include "codec/hash.h"
#include "codec/text.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace api::sigv4 {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const base::Time kNow = *base::parse_iso8601("2018-02-01T10:00:00Z");

/// A signed request that a test changes before or after signing.
class Client {
 public:
  std::string method = "POST";
  std::string path = "/2014-06-05/events";
  std::string query;
  std::string body = "{\"events\":[]}";
  std::string secret = "s3cret";
  std::string time = "20180201T100000Z";
  Scope scope{"20180201", "eu-west-1", "mobileanalytics"};
  std::vector<std::pair<std::string, std::string>> headers = {
      {"Host", "analytics.example:8080"},
      {"X-Amz-Date", "20180201T100000Z"},
      {"x-amz-Client-Context", R"({"client":  {"client_id":"c"}})"},
  };
  std::vector<std::string> signed_headers = {"host", "x-amz-client-context", "x-amz-date"};
  seconds skew_max = minutes(15);
  std::string region;
  std::string token;  ///< Of the key at the server.
  base::Time now = kNow;

  void sign() {
    headers.emplace_back("Authorization", "AWS4-HMAC-SHA256 Credential=AK/" + to_text(scope) +
                                              ", SignedHeaders=" + names() +
                                              ", Signature=" + make_signature());
  }

  void presign(const std::string& expires) {
    query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=" +
            codec::encode_percent("AK/" + to_text(scope), false) + "&X-Amz-Date=" + time + expires +
            "&X-Amz-SignedHeaders=" + codec::encode_percent(names(), false);
    query += "&X-Amz-Signature=" + make_signature();
  }

  std::string make_signature() {
    const std::vector<std::pair<std::string_view, std::string_view>> views(headers.begin(),
                                                                           headers.end());
    const Request request{method, path, query, views, body};
    const std::optional<std::string> canonical =
        canonical_request(request, signed_headers, codec::to_hex(codec::sha256(body)));
    return signature(signing_key(secret, scope), string_to_sign(time, scope, *canonical));
  }

  Verdict verify() {
    const std::vector<std::pair<std::string_view, std::string_view>> views(headers.begin(),
                                                                           headers.end());
    const Request request{method, path, query, views, body};
    return verifier_.verify(
        request, {"mobileanalytics", region, skew_max}, now, [this](std::string_view key) {
          return key == "AK" ? std::optional<Secret>(Secret{"s3cret", token}) : std::nullopt;
        });
  }

  Reason reason() {
    const Verdict verdict = verify();
    EXPECT_FALSE(verdict.accepted());
    return verdict.denial ? verdict.denial->reason : Reason::kNoSignature;
  }

  std::string& header(std::string_view name) {
    for (auto& [entry, value] : headers) {
      if (equal_ignoring_case(entry, name)) {
        return value;
      }
    }
    headers.emplace_back(name, "");
    return headers.back().second;
  }

 private:
  std::string names() const {
    std::string out;
    for (const std::string& name : signed_headers) {
      out += out.empty() ? name : ";" + name;
    }
    return out;
  }
  Verifier verifier_;
};

TEST(Verifier, AcceptsASignedRequestTwiceWithTheKeyKept) {
  Client client;
  client.sign();
  for (int i = 0; i < 2; ++i) {
    const Verdict verdict = client.verify();
    ASSERT_TRUE(verdict.accepted()) << verdict.denial->message;
    EXPECT_EQ(verdict.access_key_id, "AK");
  }
}

TEST(Verifier, AnUnsignedHeaderChangesNothing) {
  Client client;
  client.sign();
  client.headers.emplace_back("Accept", "*/*");
  client.headers.emplace_back("X-Amzn-Trace-Id", "Root=1");
  client.headers.emplace_back("X-Amz-Cf-Id", "added by CloudFront");
  EXPECT_TRUE(client.verify().accepted());
}

TEST(Verifier, WithoutASignatureTheTokenIsMissing) {
  Client client;
  EXPECT_EQ(client.reason(), Reason::kNoSignature);
  EXPECT_EQ(aws_error_type(Reason::kNoSignature), "MissingAuthenticationTokenException");
  EXPECT_EQ(client.verify().denial->message, "Missing Authentication Token");
}

TEST(Verifier, MissingPartsAreNamed) {
  Client client;
  client.header("Authorization") =
      "AWS4-HMAC-SHA256 SignedHeaders=host;x-amz-date, Nonsense, Other=1";
  const Verdict verdict = client.verify();
  ASSERT_FALSE(verdict.accepted());
  EXPECT_EQ(verdict.denial->reason, Reason::kIncomplete);
  EXPECT_EQ(verdict.denial->message,
            "Authorization header requires 'Credential' parameter. "
            "Authorization header requires 'Signature' parameter.");
  EXPECT_EQ(aws_error_type(Reason::kIncomplete), "IncompleteSignatureException");
}

TEST(Verifier, MalformedPartsAreIncomplete) {
  for (const char* const text :
       {"AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=", "Basic YTpi",
        "AWS4-HMAC-SHA256 Credential=AK/20180201/r/mobileanalytics, SignedHeaders=host, "
        "Signature=a",
        "AWS4-HMAC-SHA256 Credential=AK/2018020/r/s/aws4_request, SignedHeaders=host, Signature=a",
        "AWS4-HMAC-SHA256 Credential=AK/20180201/r/s/aws3_request, SignedHeaders=host, Signature=a",
        "AWS4-HMAC-SHA256 Credential=/20180201/r/s/aws4_request, SignedHeaders=host, Signature=a",
        "AWS4-HMAC-SHA256 Credential=AK/20180201/r/s/aws4_request, SignedHeaders=Host, Signature=a",
        "AWS4-HMAC-SHA256 Credential=AK/20180201/r/s/aws4_request, SignedHeaders=a;a, Signature=a",
        "AWS4-HMAC-SHA256 Credential=AK/20180201/r/s/aws4_request, SignedHeaders=a;;b, "
        "Signature=a"}) {
    Client client;
    client.header("Authorization") = text;
    EXPECT_EQ(client.reason(), Reason::kIncomplete) << text;
  }
}

TEST(Verifier, MoreSignedHeadersThanAnybodyHasAreRefused) {
  Client client;
  for (int i = 0; i < 70; ++i) {
    client.headers.emplace_back("h" + std::to_string(i), "v");
    client.signed_headers.push_back("h" + std::to_string(i));
  }
  client.sign();
  EXPECT_EQ(client.reason(), Reason::kIncomplete);
}

TEST(Verifier, ADateThatCannotBeReadIsIncomplete) {
  for (const char* const text :
       {"", "2018-02-01T10:00:00Z", "20180201T100000", "20181301T100000Z", "yesterday"}) {
    Client client;
    client.header("X-Amz-Date") = text;
    client.sign();
    EXPECT_EQ(client.reason(), Reason::kIncomplete) << text;
  }
}

TEST(Verifier, DateStandsInForXAmzDateInBothForms) {
  for (const char* const text : {"Thu, 01 Feb 2018 10:00:00 GMT", "20180201T100000Z"}) {
    Client client;
    client.headers[1] = {"Date", text};
    client.signed_headers = {"date", "host", "x-amz-client-context"};
    client.sign();
    EXPECT_TRUE(client.verify().accepted()) << text;
  }
}

TEST(Verifier, HostDateAndEveryAmzHeaderMustBeSigned) {
  for (const char* const left_out : {"host", "x-amz-client-context", "x-amz-date"}) {
    Client client;
    std::erase(client.signed_headers, left_out);
    client.sign();
    EXPECT_EQ(client.reason(), Reason::kNotSigned) << left_out;
  }
  Client date;
  date.headers[1] = {"Date", "20180201T100000Z"};
  date.signed_headers = {"host", "x-amz-client-context"};
  date.sign();
  EXPECT_EQ(date.reason(), Reason::kNotSigned);
  EXPECT_EQ(aws_error_type(Reason::kNotSigned), "InvalidSignatureException");
}

TEST(Verifier, AnythingChangedAfterSigningIsAMismatch) {
  const auto mismatch = [](auto change) {
    Client client;
    client.sign();
    change(client);
    return client.reason() == Reason::kMismatch;
  };
  EXPECT_TRUE(mismatch([](Client& c) { c.body += ' '; }));
  EXPECT_TRUE(mismatch([](Client& c) { c.path += "/x"; }));
  EXPECT_TRUE(mismatch([](Client& c) { c.query = "a=1"; }));
  EXPECT_TRUE(mismatch([](Client& c) { c.method = "PUT"; }));
  EXPECT_TRUE(mismatch([](Client& c) { c.header("host") = "other"; }));
  EXPECT_TRUE(mismatch([](Client& c) { c.header("x-amz-client-context") = "{}"; }));
  EXPECT_TRUE(mismatch([](Client& c) { c.header("Authorization").back() ^= 1; }));
  EXPECT_TRUE(mismatch([](Client& c) { c.header("Authorization") += "0"; }));
  EXPECT_TRUE(mismatch([](Client& c) { c.headers.emplace_back("host", "second"); }));
}

TEST(Verifier, AnotherSecretIsAMismatch) {
  Client client;
  client.secret = "guess";
  client.sign();
  EXPECT_EQ(client.reason(), Reason::kMismatch);
}

TEST(Verifier, TheBodyIsHashedHereWhateverTheHeaderSays) {
  Client honest;
  honest.header("x-amz-content-sha256") = codec::to_hex(codec::sha256(honest.body));
  honest.signed_headers.insert(honest.signed_headers.begin() + 2, "x-amz-content-sha256");
  honest.sign();
  EXPECT_TRUE(honest.verify().accepted());
  honest.body = "{\"events\":[1]}";
  EXPECT_EQ(honest.reason(), Reason::kWrongBody);

  Client unsigned_payload;
  unsigned_payload.header("x-amz-content-sha256") = "UNSIGNED-PAYLOAD";
  unsigned_payload.signed_headers.insert(unsigned_payload.signed_headers.begin() + 2,
                                         "x-amz-content-sha256");
  unsigned_payload.sign();
  EXPECT_EQ(unsigned_payload.reason(), Reason::kWrongBody);
}

TEST(Verifier, ScopeMustNameTheServiceAndTheDayOfTheRequest) {
  Client service;
  service.scope.service = "mobiletargeting";
  service.sign();
  EXPECT_EQ(service.reason(), Reason::kWrongScope);
  EXPECT_EQ(service.verify().denial->message,
            "Credential should be scoped to correct service: 'mobileanalytics'.");
  Client day;
  day.scope.date = "20180131";
  day.sign();
  EXPECT_EQ(day.reason(), Reason::kWrongScopeDate);
  Client region;
  region.region = "us-east-1";
  region.sign();
  EXPECT_EQ(region.reason(), Reason::kWrongScope);
}

TEST(Verifier, TheClockMayDifferByTheWindowAndNoMore) {
  Client client;
  client.sign();
  client.now = kNow + minutes(15);
  EXPECT_TRUE(client.verify().accepted());
  client.now = kNow + minutes(15) + seconds(1);
  EXPECT_EQ(client.reason(), Reason::kExpired);
  EXPECT_EQ(client.verify().denial->message,
            "Signature expired: 20180201T100000Z is now earlier than 20180201T100001Z "
            "(20180201T101501Z - 15 min.)");
  client.now = kNow - minutes(15);
  EXPECT_TRUE(client.verify().accepted());
  client.now = kNow - minutes(15) - seconds(1);
  EXPECT_EQ(client.reason(), Reason::kNotYetCurrent);
  EXPECT_EQ(client.verify().denial->message,
            "Signature not yet current: 20180201T100000Z is still later than 20180201T095959Z "
            "(20180201T094459Z + 15 min.)");
  client.skew_max = std::chrono::hours(24 * 365 * 200);
  EXPECT_TRUE(client.verify().accepted());
  client.skew_max = seconds::max();
  EXPECT_TRUE(client.verify().accepted());
}

TEST(Verifier, AnUnknownKeyIsUnrecognised) {
  Client client;
  client.sign();
  std::string& text = client.header("Authorization");
  text.replace(text.find("AK/"), 2, "XX");
  EXPECT_EQ(client.reason(), Reason::kUnknownKey);
  EXPECT_EQ(aws_error_type(Reason::kUnknownKey), "UnrecognizedClientException");
}

TEST(Verifier, TheTokenMustBeTheOneOfTheKey) {
  Client client;
  client.token = "tok";
  client.header("X-Amz-Security-Token") = "tok";
  client.signed_headers.emplace_back("x-amz-security-token");
  client.sign();
  EXPECT_TRUE(client.verify().accepted());
  client.token = "other";
  EXPECT_EQ(client.reason(), Reason::kWrongToken);
  client.token = "";
  EXPECT_EQ(client.reason(), Reason::kWrongToken) << "a long-lived key has no token";
  Client without;
  without.token = "tok";
  without.sign();
  EXPECT_EQ(without.reason(), Reason::kWrongToken);
}

TEST(Verifier, ATokenAddedAfterSigningIsRefused) {
  Client client;
  client.token = "tok";
  client.sign();
  client.header("X-Amz-Security-Token") = "tok";
  EXPECT_EQ(client.reason(), Reason::kNotSigned);
}

TEST(Verifier, PresignedUrlsExpireWhenTheySay) {
  Client client;
  client.headers = {{"Host", "h"}};
  client.signed_headers = {"host"};
  client.presign("&X-Amz-Expires=3600");
  client.now = kNow + minutes(60);
  EXPECT_TRUE(client.verify().accepted());
  client.now = kNow + minutes(60) + seconds(1);
  EXPECT_EQ(client.reason(), Reason::kExpired);
  client.now = kNow - minutes(16);
  EXPECT_EQ(client.reason(), Reason::kNotYetCurrent);
}

TEST(Verifier, APresignedUrlWithoutExpiryHasTheNormalWindow) {
  Client client;
  client.headers = {{"Host", "h"}};
  client.signed_headers = {"host"};
  client.presign("");
  client.now = kNow + minutes(15);
  EXPECT_TRUE(client.verify().accepted());
  client.now = kNow + minutes(16);
  EXPECT_EQ(client.reason(), Reason::kExpired);
}

TEST(Verifier, AnExpiryOutOfRangeIsIncomplete) {
  for (const char* const text : {"0", "-1", "604801", "1h", "", "99999999999999999999"}) {
    Client client;
    client.headers = {{"Host", "h"}};
    client.signed_headers = {"host"};
    client.presign(std::string("&X-Amz-Expires=") + text);
    EXPECT_EQ(client.reason(), Reason::kIncomplete) << text;
  }
}

TEST(Verifier, APresignedUrlMustSignEveryAmzHeaderToo) {
  Client client;
  client.headers = {{"Host", "h"}, {"x-amz-Client-Context", "{}"}};
  client.signed_headers = {"host"};
  client.presign("");
  EXPECT_EQ(client.reason(), Reason::kNotSigned);
  client.signed_headers = {"host", "x-amz-client-context"};
  client.presign("");
  EXPECT_TRUE(client.verify().accepted());
}

}  // namespace
}  // namespace api::sigv4
