#include "commands/command_line.h"
#include "commands/record_text.h"
#include "commands/show_app.h"
#include "json/value.h"

#include <gtest/gtest.h>

#include <fstream>

namespace commands {
namespace {

Usage usage_of(const std::vector<std::string>& words) {
  const auto parsed = parse_command_line(words);
  const auto* usage = std::get_if<Usage>(&parsed);
  return usage == nullptr ? Usage{-1, "parsed"} : *usage;
}

const std::vector<std::vector<std::string>>& all_commands() {
  static const std::vector<std::vector<std::string>> commands = {{"serve"},
                                                                 {"app", "create"},
                                                                 {"app", "set"},
                                                                 {"app", "show"},
                                                                 {"app", "list"},
                                                                 {"app", "delete"},
                                                                 {"app", "key", "add"},
                                                                 {"app", "key", "list"},
                                                                 {"token", "create"},
                                                                 {"token", "list"},
                                                                 {"token", "revoke"},
                                                                 {"app", "key", "revoke"},
                                                                 {"sql"},
                                                                 {"kpi"},
                                                                 {"report"},
                                                                 {"flush"},
                                                                 {"status"},
                                                                 {"receipt"},
                                                                 {"tail"},
                                                                 {"export"},
                                                                 {"import"},
                                                                 {"rejected", "list"},
                                                                 {"rejected", "show"},
                                                                 {"rejected", "replay"},
                                                                 {"rebuild"},
                                                                 {"journal", "cat"},
                                                                 {"journal", "verify"}};
  return commands;
}

TEST(CommandLine, EveryCommandHasHelp) {
  std::vector<std::vector<std::string>> commands = all_commands();
  commands.insert(commands.end(), {{}, {"app"}, {"app", "key"}, {"token"}, {"journal"}});
  for (std::vector<std::string> words : commands) {
    words.emplace_back("--help");
    const Usage usage = usage_of(words);
    EXPECT_EQ(usage.exit_code, 0) << words.front();
    EXPECT_NE(usage.text.find("--help"), std::string::npos) << words.front();
  }
}

TEST(CommandLine, TheManualPageNamesEveryCommandAndItsOptions) {
  std::ifstream in(CATCHMENT_DOCS "/catchment.1");
  std::string page((std::istreambuf_iterator<char>(in)), {});
  std::erase(page, '\\');
  for (const std::vector<std::string>& words : all_commands()) {
    std::string heading = ".B";
    for (const std::string& word : words) {
      heading += " " + word;
    }
    EXPECT_NE(page.find("\n" + heading), std::string::npos) << heading;
    std::vector<std::string> asked = words;
    asked.emplace_back("--help");
    const std::string help = usage_of(asked).text;
    for (std::size_t at = help.find("--"); at != std::string::npos; at = help.find("--", at + 2)) {
      const std::string option =
          help.substr(at, help.find_first_not_of("abcdefghijklmnopqrstuvwxyz-", at) - at);
      EXPECT_NE(page.find(option), std::string::npos) << heading << " " << option;
    }
  }
}

TEST(CommandLine, WrongUsageIsOneLineAndCodeTwo) {
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"fly"},
      {"sql"},
      {"sql", "--format", "xml", "SELECT 1"},
      {"app"},
      {"flush", "--timeout"},
      {"sql", "SELECT 1", "SELECT 2"},
      {"status", "--colour"},
      {"kpi", "dau"},
      {"kpi", "none", "--app", "shop"},
      {"kpi", "dau", "--app", "shop", "--start", "x"},
      {"kpi", "events/a/sum", "--app", "shop"},
      {"import", "--app", "shop", "--from", "pinpoint-export"},
      {"import", "--app", "shop", "--from", "other", "f"},
      {"import", "--app", "shop", "--from", "pinpoint-export", "--event", "x", "f"},
      {"import", "--app", "shop", "--from", "clevertap-export", "--utc-offset", "+5:30", "f"},
      {"report", "--app", "shop", "--days", "0"},
      {"report", "--app", "shop", "--end", "x"}};
  for (const std::vector<std::string>& words : wrong) {
    const Usage usage = usage_of(words);
    EXPECT_EQ(usage.exit_code, 2);
    EXPECT_EQ(usage.text.find('\n'), usage.text.size() - 1) << usage.text;
    EXPECT_TRUE(usage.text.starts_with("catchment: ")) << usage.text;
  }
}

TEST(CommandLine, WrongUsageNamesTheWordAndTheCommandWhoseHelpTells) {
  EXPECT_EQ(usage_of({"fly"}).text, "catchment: there is no \"fly\"; see 'catchment --help'\n");
  EXPECT_EQ(usage_of({"app"}).text,
            "catchment: a command is missing; see 'catchment app --help'\n");
  EXPECT_EQ(usage_of({"app", "key", "fly"}).text,
            "catchment: there is no \"fly\"; see 'catchment app key --help'\n");
  EXPECT_EQ(usage_of({"app", "create"}).text,
            "catchment: ID is required; see 'catchment app create --help'\n");
}

TEST(CommandLine, DataAndOptionsReachTheCommand) {
  const auto parsed = parse_command_line({"serve", "--data", "d", "--listen", "127.0.0.1:0"});
  ASSERT_TRUE(std::holds_alternative<Invocation>(parsed));
  const auto& serve = std::get<Invocation>(parsed);
  EXPECT_TRUE(serve.serve);
  EXPECT_EQ(serve.data, "d");
  EXPECT_EQ(serve.serve_options.listen, "127.0.0.1:0");
  const auto sql = parse_command_line({"sql", "SELECT 1"});
  ASSERT_TRUE(std::holds_alternative<Invocation>(sql));
  EXPECT_TRUE(static_cast<bool>(std::get<Invocation>(sql).action));
  EXPECT_EQ(std::get<Invocation>(sql).data, "./data");
}

TEST(CommandLine, AKpiIsNamedByItsPathOrTheStartOfIt) {
  for (const char* name :
       {"dau", "dau/count", "kpis/dau/count", "/kpis/dau/count", "new-users", "daily-revenue",
        "sticky-factor", "new-users/lifetime-count", "events/a/b c/count", "/events/a/count"}) {
    EXPECT_EQ(usage_of({"kpi", name, "--app", "shop"}).exit_code, -1) << name;
  }
  EXPECT_EQ(usage_of({"kpi", "dau", "--app", "shop", "--platform", "a", "--platform", "b",
                      "--group-by", "make"})
                .exit_code,
            -1);
  EXPECT_EQ(
      usage_of({"kpi", "dau", "--app", "shop", "--start", "soon"}).text,
      "catchment: --start: expected YYYY-MM-DD or ISO 8601, seen \"soon\"; see 'catchment kpi "
      "--help'\n");
}

registry::App demo_app() {
  registry::App app;
  app.id = "demo";
  app.settings.auth_cookie = "session=secret-cookie";
  app.credentials = {
      {"key-1", registry::CredentialKind::kClevertap, "AAA", "secret-pass", "", ""},
      {"key-2", registry::CredentialKind::kMobileAnalytics, "AKID", "secret-aws", "", "ma"},
      {"key-3", registry::CredentialKind::kSegmentstream, "proj", "secret-token", "", ""}};
  return app;
}

TEST(ShowApp, JsonHasTheDocumentedMembers) {
  EXPECT_EQ(app_json(demo_app(), true),
            R"({"app_id":"demo","clickstream":{"app_id":"demo"},)"
            R"("clevertap":{"account_id":"AAA","passcode":"secret-pass"},)"
            R"("mobile_analytics":{"app_id":"ma","access_key_id":"AKID",)"
            R"("secret_access_key":"secret-aws"},)"
            R"("segmentstream":{"api_token":"secret-token","project_id":"proj"}})");
}

TEST(ShowApp, ThePageShowsSecretsOnlyWhenAsked) {
  const std::string hidden = app_page(demo_app(), {}, "http://h:1", false);
  EXPECT_EQ(hidden.find("secret-"), std::string::npos) << hidden;
  EXPECT_NE(hidden.find("http://h:1/collect?appId=demo"), std::string::npos);
  const std::string shown = app_page(demo_app(), {}, "http://h:1", true);
  for (const char* secret : {"secret-pass", "secret-aws", "secret-token", "secret-cookie"}) {
    EXPECT_NE(shown.find(secret), std::string::npos) << secret;
  }
}

TEST(ShowApp, IntoAPipeThePageIsOneJsonObject) {
  const std::string text = app_page_json(demo_app(), {}, "http://h:1", false);
  EXPECT_EQ(text.find("secret-"), std::string::npos) << text;
  const base::Result<json::Document> document = json::Document::parse(text);
  ASSERT_TRUE(document);
  const json::Value root = document->root();
  EXPECT_EQ(root["segmentstream"]["project_id"].string(), "proj");
  EXPECT_EQ(root["endpoints"]["clickstream"].string(), "http://h:1/collect?appId=demo");
  EXPECT_EQ(root["code"]["@aws/clickstream-web"].string(),
            "ClickstreamAnalytics.init({appId: 'demo', endpoint: 'http://h:1/collect'});");
  EXPECT_EQ(root["settings"]["limits"].string(), "vendor");
  EXPECT_EQ(text.find('\n'), text.size() - 1);
}

TEST(RecordText, ABodyThatIsNoTextIsBase64) {
  event::Record record;
  record.app_id = "shop";
  record.method = "POST";
  record.target = "/collect";
  record.notes = {{"limits", "lenient"}};
  record.body = "\x1f\x8b";
  std::string bytes;
  event::encode_record(record, bytes);
  const std::string text = record_json(7, bytes);
  EXPECT_NE(text.find(R"("position":7)"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("notes":{"limits":"lenient"})"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("body_base64":"H4s=")"), std::string::npos) << text;
  EXPECT_NE(record_json(8, "junk").find("\"error\""), std::string::npos);
}

}  // namespace
}  // namespace commands
