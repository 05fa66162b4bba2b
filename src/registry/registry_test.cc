#include "registry/registry.h"

#include "registry/database.h"
#include "registry/setting_text.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace registry {
namespace {

class RegistryTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "/registry_" +
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    reopen();
  }
  void TearDown() override {
    registry_.reset();
    std::filesystem::remove_all(folder_);
  }
  void reopen() {
    registry_.reset();
    base::Result<std::unique_ptr<Registry>> opened = Registry::open(folder_, clock_, random_);
    ASSERT_TRUE(opened) << opened.error().message;
    registry_ = *std::move(opened);
  }
  App create(const std::string& id, const CredentialInput& input = {}) {
    base::Result<App> app = registry_->create_app(id, {}, input);
    EXPECT_TRUE(app) << app.error().message;
    return *app;
  }
  [[nodiscard]] std::string file_content(const std::string& name) const {
    std::ifstream in(folder_ + "/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::string folder_;
  base::ManualClock clock_{base::from_us(1'700'000'000'000'000)};
  base::SeededRandom random_{7};
  std::unique_ptr<Registry> registry_;
};

CredentialInput given() {
  return {"AAA-BBB-CCCD", "pass-1", "ma-app", "AKIDEXAMPLE", "wJalr/secret", "", "abc123", "proj"};
}

TEST_F(RegistryTest, AnAppIsFoundByEveryCredentialAlsoAfterReopening) {
  create("shop", given());
  reopen();
  const std::shared_ptr<const Snapshot> snapshot = registry_->snapshot();
  ASSERT_NE(snapshot->app("shop"), nullptr);
  EXPECT_EQ(snapshot->app_by_clevertap_account("AAA-BBB-CCCD")->id, "shop");
  EXPECT_EQ(snapshot->aws_key("AKIDEXAMPLE")->credential->secret, "wJalr/secret");
  EXPECT_EQ(snapshot->app_by_mobile_analytics_id("ma-app")->id, "shop");
  EXPECT_EQ(snapshot->app_by_segmentstream_token("abc123")->id, "shop");
  EXPECT_EQ(snapshot->app_by_segmentstream_project("proj")->id, "shop");
  EXPECT_EQ(snapshot->app_by_segmentstream_token("abc124"), nullptr);
}

TEST_F(RegistryTest, WhatIsNotGivenIsGeneratedInTheVendorsShape) {
  const App app = create("shop");
  ASSERT_EQ(app.credentials.size(), 3U);
  EXPECT_EQ(app.credentials[0].id.size(), 12U);
  EXPECT_EQ(app.credentials[1].id.size(), 20U);
  EXPECT_EQ(app.credentials[1].secret.size(), 40U);
  EXPECT_FALSE(app.credentials[2].secret.empty());
}

TEST_F(RegistryTest, SecretsAreNotReadableInTheFile) {
  create("shop", given());
  const std::string token = *registry_->create_token(Role::kAnalyst, "");
  registry_.reset();
  const std::string stored = file_content("registry.db") + file_content("registry.db-wal");
  for (const std::string& secret : {std::string("wJalr/secret"), std::string("pass-1"), token}) {
    EXPECT_EQ(stored.find(secret), std::string::npos) << secret;
  }
  const std::filesystem::perms mode =
      std::filesystem::status(folder_ + "/secret.key").permissions();
  EXPECT_EQ(mode & std::filesystem::perms::mask, std::filesystem::perms(0600));
}

TEST_F(RegistryTest, AKeyFileThatDoesNotFitIsReported) {
  create("shop", given());
  registry_.reset();
  std::ofstream(folder_ + "/secret.key", std::ios::binary) << std::string(32, 'x');
  const base::Result<std::unique_ptr<Registry>> opened = Registry::open(folder_, clock_, random_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, base::Code::kCorrupt);
  EXPECT_NE(opened.error().message.find("does not fit the key file"), std::string::npos);
}

TEST_F(RegistryTest, AMissingKeyFileIsNotReplaced) {
  create("shop", given());
  registry_.reset();
  std::filesystem::remove(folder_ + "/secret.key");
  const base::Result<std::unique_ptr<Registry>> opened = Registry::open(folder_, clock_, random_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, base::Code::kCorrupt);
  EXPECT_NE(opened.error().message.find("secret.key is missing"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/secret.key"));
}

TEST_F(RegistryTest, OpeningWritesNothing) {
  create("shop", given());
  registry_.reset();
  const base::Result<std::unique_ptr<Registry>> opened = Registry::open(folder_, clock_, random_);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(file_content("registry.db-wal"), "") << "it has to open on a full disk";
}

TEST_F(RegistryTest, TwoKeysOfAKindWorkUntilOneIsRevoked) {
  create("shop", given());
  CredentialInput second;
  second.clevertap_passcode = "pass-2";
  const base::Result<std::vector<Credential>> added = registry_->add_credentials("shop", second);
  ASSERT_TRUE(added) << added.error().message;
  ASSERT_EQ(added->size(), 1U);
  EXPECT_EQ(added->front().id, "AAA-BBB-CCCD");
  EXPECT_EQ(registry_->snapshot()->app("shop")->credentials.size(), 4U);
  ASSERT_TRUE(registry_->revoke_credential("shop", added->front().key));
  EXPECT_EQ(registry_->snapshot()->app("shop")->credentials.size(), 3U);
  EXPECT_FALSE(registry_->revoke_credential("shop", added->front().key));
}

TEST_F(RegistryTest, ACredentialOfAnotherAppIsRefusedAndNothingIsCreated) {
  create("shop", given());
  const base::Result<App> other = registry_->create_app("other", {}, given());
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().message.find("\"shop\""), std::string::npos);
  EXPECT_EQ(registry_->snapshot()->app("other"), nullptr);
}

TEST_F(RegistryTest, BadAppIdsAndDuplicatesAreRefused) {
  create("shop");
  EXPECT_EQ(registry_->create_app("shop", {}, {}).error().code, base::Code::kExists);
  EXPECT_EQ(registry_->create_app("catchment_canary", {}, {}).error().code, base::Code::kInvalid);
  for (const char* id : {"", "a b", "a/b", "\xc3\xa9"}) {
    EXPECT_EQ(registry_->create_app(id, {}, {}).error().code, base::Code::kInvalid) << id;
  }
}

TEST_F(RegistryTest, SettingsAreCheckedKeptAndRead) {
  create("shop");
  ASSERT_TRUE(registry_->set("shop", "cors_origins", "https://a.example/, *"));
  ASSERT_TRUE(registry_->set("shop", "trust_forwarded_for", "false"));
  ASSERT_TRUE(registry_->set("shop", "limits", "quarantine"));
  reopen();
  const AppSettings& settings = registry_->snapshot()->app("shop")->settings;
  EXPECT_EQ(settings.cors_origins, (std::vector<std::string>{"https://a.example", "*"}));
  EXPECT_FALSE(settings.trust_forwarded_for);
  EXPECT_EQ(settings.limits, LimitMode::kQuarantine);
  EXPECT_EQ(registry_->snapshot()->all_origins().size(), 2U);
  EXPECT_FALSE(registry_->set("shop", "limits", "none"));
  EXPECT_FALSE(registry_->set("shop", "colour", "red"));
  EXPECT_FALSE(registry_->set("shop", "cors_origins", "a.example"));
  EXPECT_EQ(registry_->set("nobody", "limits", "vendor").error().code, base::Code::kNotFound);
}

TEST_F(RegistryTest, SeveralSettingsAreKeptTogetherOrNotAtAll) {
  create("shop");
  EXPECT_FALSE(registry_->set("shop", {{"limits", "quarantine"}, {"colour", "red"}}));
  reopen();
  EXPECT_NE(registry_->snapshot()->app("shop")->settings.limits, LimitMode::kQuarantine);
  ASSERT_TRUE(registry_->set("shop", {{"limits", "quarantine"}, {"name", "Shop"}}));
  reopen();
  EXPECT_EQ(registry_->snapshot()->app("shop")->settings.limits, LimitMode::kQuarantine);
  EXPECT_EQ(registry_->snapshot()->app("shop")->settings.name, "Shop");
}

TEST_F(RegistryTest, WhatCountsInKpisIsCheckedAndMayBeTakenBack) {
  create("shop");
  ASSERT_TRUE(registry_->set("shop", "active_events", "open, login"));
  ASSERT_TRUE(registry_->set("shop", "revenue", "Paid:order.total:order.currency"));
  const base::Status names = registry_->set("shop", "active_events", "open,,login");
  ASSERT_FALSE(names);
  EXPECT_NE(names.error().message.find("\"active_events\""), std::string::npos);
  const base::Status revenue = registry_->set("shop", "revenue", "Paid");
  ASSERT_FALSE(revenue);
  EXPECT_NE(revenue.error().message.find("EVENT:VALUE"), std::string::npos);
  reopen();
  EXPECT_EQ(registry_->snapshot()->app("shop")->settings.active_events, "open, login");
  EXPECT_EQ(registry_->snapshot()->app("shop")->settings.revenue,
            "Paid:order.total:order.currency");
  ASSERT_TRUE(registry_->set("shop", "active_events", ""));
  EXPECT_EQ(registry_->snapshot()->app("shop")->settings.active_events, "");
}

TEST_F(RegistryTest, ATokenIsKnownUntilItIsRevoked) {
  create("shop");
  const std::string text = *registry_->create_token(Role::kAdmin, "shop");
  reopen();
  const Token* token = registry_->snapshot()->token(text);
  ASSERT_NE(token, nullptr);
  EXPECT_EQ(token->role, Role::kAdmin);
  EXPECT_EQ(token->app_id, "shop");
  EXPECT_EQ(registry_->snapshot()->token(text + "x"), nullptr);
  ASSERT_TRUE(registry_->revoke_token(std::string(token->id)));
  EXPECT_EQ(registry_->snapshot()->token(text), nullptr);
}

TEST_F(RegistryTest, ADeletedAppIsGoneWithItsCredentials) {
  create("shop", given());
  ASSERT_TRUE(registry_->delete_app("shop"));
  EXPECT_EQ(registry_->snapshot()->app_by_segmentstream_token("abc123"), nullptr);
  create("again", given());
}

TEST_F(RegistryTest, WhoseAKeyIsStaysKnownWhenTheKeyIsRevoked) {
  create("shop", given());
  CredentialInput input;
  input.aws_access_key_id = "AKIDSECOND";
  input.cognito_id = "us-east-1:one";
  const auto added = registry_->add_credentials("shop", input);
  ASSERT_TRUE(added);
  ASSERT_EQ(added->size(), 1U);
  EXPECT_EQ(registry_->snapshot()->aws_key("AKIDSECOND")->credential->cognito_id, "us-east-1:one");
  ASSERT_TRUE(registry_->set_cognito_id("shop", added->front().key, "us-east-1:two"));
  ASSERT_TRUE(registry_->revoke_credential("shop", added->front().key));
  reopen();
  EXPECT_EQ(registry_->snapshot()->app("shop")->cognito_ids,
            (std::map<std::string, std::string, std::less<>>{{"AKIDSECOND", "us-east-1:two"}}));
  ASSERT_TRUE(registry_->delete_app("shop"));
  create("shop");
  EXPECT_TRUE(registry_->snapshot()->app("shop")->cognito_ids.empty());
}

TEST_F(RegistryTest, ARegistryOfTheReleaseBeforeGetsTheTableOfIdentities) {
  const App app = create("shop", given());
  registry_.reset();
  {
    const auto database = Database::open(folder_ + "/registry.db");
    ASSERT_TRUE(database);
    ASSERT_TRUE((*database)->run("DROP TABLE cognito_identity"));
    ASSERT_TRUE((*database)->run("PRAGMA user_version=5"));
  }
  reopen();
  EXPECT_EQ(registry_->snapshot()->aws_key("AKIDEXAMPLE")->credential->cognito_id, "");
  ASSERT_TRUE(registry_->set_cognito_id("shop", app.credentials.at(1).key, "us-east-1:one"));
  reopen();
  EXPECT_EQ(registry_->snapshot()->aws_key("AKIDEXAMPLE")->credential->cognito_id, "us-east-1:one");
}

TEST_F(RegistryTest, OnlyAnAwsKeyBelongsToAnIdentity) {
  const App app = create("shop", given());
  for (const Credential& credential : app.credentials) {
    const bool aws = credential.kind == CredentialKind::kMobileAnalytics;
    EXPECT_EQ(registry_->set_cognito_id("shop", credential.key, "us-east-1:x").has_value(), aws);
    EXPECT_TRUE(registry_->set_cognito_id("shop", credential.key, "").has_value() || !aws);
  }
  EXPECT_TRUE(registry_->snapshot()->app("shop")->cognito_ids.empty());
  EXPECT_EQ(registry_->set_cognito_id("shop", "key-none", "x").error().code, base::Code::kNotFound);
}

TEST(SettingText, EverySettingReadsBack) {
  AppSettings settings;
  settings.cors_origins = {"https://a.example", "https://b.example"};
  settings.requests_in_flight_max = 15;
  settings.limits = LimitMode::kLenient;
  AppSettings copy;
  for (const auto& [key, value] : list_settings(settings)) {
    EXPECT_TRUE(apply_setting(copy, key, value)) << key;
  }
  EXPECT_EQ(list_settings(copy), list_settings(settings));
}

}  // namespace
}  // namespace registry
