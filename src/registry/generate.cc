#include "registry/generate.h"

#include <span>
#include <string>
#include <string_view>

namespace registry {
namespace {

constexpr std::string_view kUpperAndDigits = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
constexpr std::string_view kLetters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kLowerAndDigits = "abcdefghijkmnpqrstuvwxyz23456789";

static_assert(256 % kUpperAndDigits.size() == 0);  // so that every character is equally likely
static_assert(256 % kLetters.size() == 0);
static_assert(256 % kLowerAndDigits.size() == 0);

std::string random_text(base::Random& random, std::string_view alphabet, std::size_t length) {
  std::vector<std::uint8_t> raw(length);
  random.fill(raw);
  std::string out;
  for (const std::uint8_t byte : raw) {
    out += alphabet[byte % alphabet.size()];
  }
  return out;
}

/// CleverTap's "XXX-XXX-XXXX".
std::string dashed(base::Random& random) {
  const std::string raw = random_text(random, kUpperAndDigits, 10);
  return raw.substr(0, 3) + "-" + raw.substr(3, 3) + "-" + raw.substr(6);
}

std::string or_else(const std::string& given, const std::string& fallback) {
  return given.empty() ? fallback : given;
}

const Credential* first_of(const std::vector<Credential>& credentials, CredentialKind kind) {
  for (const Credential& credential : credentials) {
    if (credential.kind == kind) {
      return &credential;
    }
  }
  return nullptr;
}

std::string name_of_kind(CredentialKind kind) {
  switch (kind) {
    case CredentialKind::kClevertap: return "CleverTap account id";
    case CredentialKind::kMobileAnalytics: return "AWS access key id";
    case CredentialKind::kSegmentstream: return "SegmentStream project id";
  }
  return "credential";
}

}  // namespace

std::vector<Credential> make_credentials(const CredentialInput& input, bool all_kinds,
                                         const std::vector<Credential>& existing,
                                         base::Random& random) {
  std::vector<Credential> out;
  const auto start = [&](CredentialKind kind) -> Credential& {
    Credential& credential = out.emplace_back();
    credential.kind = kind;
    credential.key = "key-" + random_text(random, kLowerAndDigits, 12);
    return credential;
  };
  if (all_kinds || !input.clevertap_account_id.empty() || !input.clevertap_passcode.empty()) {
    const Credential* former = first_of(existing, CredentialKind::kClevertap);
    Credential& made = start(CredentialKind::kClevertap);
    made.id = or_else(input.clevertap_account_id, former ? former->id : dashed(random));
    made.secret = or_else(input.clevertap_passcode, dashed(random));
  }
  if (all_kinds || !input.mobile_analytics_app_id.empty() || !input.aws_access_key_id.empty() ||
      !input.aws_secret_access_key.empty() || !input.aws_session_token.empty() ||
      !input.cognito_id.empty()) {
    const Credential* former = first_of(existing, CredentialKind::kMobileAnalytics);
    Credential& made = start(CredentialKind::kMobileAnalytics);
    made.id = or_else(input.aws_access_key_id, "AKIA" + random_text(random, kUpperAndDigits, 16));
    made.secret = or_else(input.aws_secret_access_key, random_text(random, kLetters, 40));
    made.session_token = input.aws_session_token;
    made.cognito_id = input.cognito_id;
    made.mobile_analytics_app_id =
        or_else(input.mobile_analytics_app_id,
                former ? former->mobile_analytics_app_id : base::random_hex(random, 16));
  }
  if (all_kinds || !input.api_token.empty() || !input.segmentstream_project_id.empty()) {
    const Credential* former = first_of(existing, CredentialKind::kSegmentstream);
    Credential& made = start(CredentialKind::kSegmentstream);
    made.id = or_else(input.segmentstream_project_id,
                      former ? former->id : random_text(random, kLowerAndDigits, 16));
    made.secret = or_else(input.api_token, random_text(random, kLowerAndDigits, 32));
  }
  return out;
}

base::Status check_free(const Snapshot& snapshot, std::string_view app_id,
                        const Credential& credential) {
  const App* holder = nullptr;
  switch (credential.kind) {
    case CredentialKind::kClevertap:
      holder = snapshot.app_by_clevertap_account(credential.id);
      break;
    case CredentialKind::kMobileAnalytics: {
      if (const auto key = snapshot.aws_key(credential.id)) {
        return base::fail(base::Code::kExists, "AWS access key id \"" + credential.id +
                                                   "\" is held by application \"" + key->app->id +
                                                   "\" already");
      }
      holder = snapshot.app_by_mobile_analytics_id(credential.mobile_analytics_app_id);
      break;
    }
    case CredentialKind::kSegmentstream: {
      const App* same = snapshot.app_by_segmentstream_token(credential.secret);
      if (same != nullptr) {
        return base::fail(base::Code::kExists,
                          "that SegmentStream API token is held by "
                          "application \"" +
                              same->id + "\" already");
      }
      holder = snapshot.app_by_segmentstream_project(credential.id);
      break;
    }
  }
  if (holder != nullptr && holder->id != app_id) {
    return base::fail(base::Code::kInvalid, name_of_kind(credential.kind) + " \"" +
                                                (credential.kind == CredentialKind::kMobileAnalytics
                                                     ? credential.mobile_analytics_app_id
                                                     : credential.id) +
                                                "\" belongs to application \"" + holder->id + "\"");
  }
  return base::ok();
}

}  // namespace registry
