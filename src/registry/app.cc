#include "registry/app.h"

#include "codec/hash.h"
#include "registry/secrets.h"

#include <algorithm>

namespace registry {

Snapshot::Snapshot(std::vector<App> apps, std::map<std::string, Token> tokens_by_hash)
    : apps_(std::move(apps)), tokens_by_hash_(std::move(tokens_by_hash)) {
  for (std::size_t i = 0; i < apps_.size(); ++i) {
    by_id_.emplace(apps_[i].id, i);
    for (const std::string& origin : apps_[i].settings.cors_origins) {
      if (std::ranges::find(all_origins_, origin) == all_origins_.end()) {
        all_origins_.push_back(origin);
      }
    }
    index_credentials(i);
  }
}

void Snapshot::index_credentials(std::size_t app_index) {
  const std::vector<Credential>& credentials = apps_[app_index].credentials;
  for (std::size_t i = 0; i < credentials.size(); ++i) {
    const Credential& credential = credentials[i];
    switch (credential.kind) {
      case CredentialKind::kClevertap: by_clevertap_.emplace(credential.id, app_index); break;
      case CredentialKind::kMobileAnalytics:
        by_access_key_.emplace(credential.id, std::pair(app_index, i));
        by_mobile_analytics_.emplace(credential.mobile_analytics_app_id, app_index);
        break;
      case CredentialKind::kSegmentstream:
        by_token_hash_.emplace(token_hash(credential.secret), app_index);
        by_project_.emplace(credential.id, app_index);
        break;
    }
  }
}

const App* Snapshot::find(const std::unordered_map<std::string, std::size_t>& index,
                          std::string_view key) const {
  const auto found = index.find(std::string(key));
  return found == index.end() ? nullptr : &apps_[found->second];
}

const App* Snapshot::app(std::string_view id) const { return find(by_id_, id); }

const App* Snapshot::app_by_clevertap_account(std::string_view account_id) const {
  return find(by_clevertap_, account_id);
}

std::optional<Snapshot::AwsKey> Snapshot::aws_key(std::string_view access_key_id) const {
  const auto found = by_access_key_.find(std::string(access_key_id));
  if (found == by_access_key_.end()) {
    return std::nullopt;
  }
  const App& app = apps_[found->second.first];
  return AwsKey{&app, &app.credentials[found->second.second]};
}

const App* Snapshot::app_by_mobile_analytics_id(std::string_view app_id) const {
  return find(by_mobile_analytics_, app_id);
}

const App* Snapshot::app_by_segmentstream_token(std::string_view token) const {
  return find(by_token_hash_, token_hash(token));
}

const App* Snapshot::app_by_segmentstream_project(std::string_view project_id) const {
  return find(by_project_, project_id);
}

const Token* Snapshot::token(std::string_view text) const {
  const auto found = tokens_by_hash_.find(token_hash(text));
  return found == tokens_by_hash_.end() ? nullptr : &found->second;
}

}  // namespace registry
