#include "settings/settings.h"

#include "settings/units.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <utility>

namespace settings {
namespace {

using std::chrono::milliseconds;

std::string refusal(std::string_view toml, const Environment& environment = {}) {
  const base::Result<Settings> loaded = load(toml, "c.toml", environment);
  return loaded ? "accepted" : loaded.error().message;
}

TEST(Settings, AnEmptyFileGivesTheDefaults) {
  const base::Result<Settings> loaded = load("", "c.toml", {});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->server.port, 8080);
  EXPECT_EQ(loaded->journal.sync, journal::SyncMode::kCommit);
  EXPECT_EQ(loaded->mobile_analytics_clock_skew_max, std::chrono::minutes(15));
}

TEST(Settings, KeysOfEveryKindAreRead) {
  const base::Result<Settings> loaded = load(
      "[server]\nlisten = \"[::1]:0\"\nthreads = 3\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]\n"
      "[journal]\nsync = \"off\"\nsegment_size = \"16MiB\"\n"
      "[clickstream]\nclock_correction = true\n[mobile_analytics]\nclock_skew_max = \"90000d\"\n"
      "[log]\nformat = \"json\"\n",
      "c.toml", {});
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->server.host, "::1");
  EXPECT_EQ(loaded->server.trusted_proxies, (std::vector<std::string>{"10.0.0.0/8", "::1"}));
  EXPECT_EQ(loaded->journal.sync, journal::SyncMode::kOff);
  EXPECT_EQ(loaded->journal.segment_size, 16U << 20U);
  EXPECT_TRUE(loaded->clickstream_clock_correction);
  EXPECT_EQ(loaded->mobile_analytics_clock_skew_max, std::chrono::days(90000));
  EXPECT_EQ(loaded->log_format, base::LogFormat::kJson);
}

TEST(Settings, TheEnvironmentWinsOverTheFile) {
  const base::Result<Settings> loaded =
      load("[journal]\nsync = \"off\"\n", "c.toml",
           {{"CATCHMENT_JOURNAL_SYNC", "interval"}, {"CATCHMENT_DUCKDB_DIR", "x"}, {"HOME", "/"}});
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->journal.sync, journal::SyncMode::kInterval);
}

TEST(Settings, AnUnknownKeyIsNamedWithItsLineAndTheKnownOnes) {
  EXPECT_EQ(refusal("\n[sessions]\ninactvity = \"3m\"\n"),
            "c.toml:3: there is no setting \"sessions.inactvity\"; [sessions] has inactivity");
  EXPECT_EQ(refusal("[cluster]\nsize = 3\n"), "c.toml:1: there is no section [cluster]");
  EXPECT_EQ(refusal("", {{"CATCHMENT_JOURNAL_SINC", "off"}}),
            "environment variable CATCHMENT_JOURNAL_SINC names no setting");
}

TEST(Settings, ARefusalIsOneLineWhateverTheValueHolds) {
  EXPECT_EQ(refusal("[journal]\nsync = \"o\\nff\"\n").find('\n'), std::string::npos);
}

TEST(Settings, ATextTheParserDoesNotExpectIsRefused) {
  EXPECT_EQ(refusal("[:"), "c.toml: is not written in TOML");
}

TEST(Settings, OtherThanAsciiBelongsIntoQuotesAndComments) {
  const std::pair<std::string, std::string> refused[] = {
      {"\u00a0[server]",
       ":1: Error while parsing root table: expected space or tab, saw '\\u00A0'"},
      {"\u00fc = 1",
       ":1: Error while parsing root table: expected keys, tables, whitespace or comments, saw "
       "'\u00fc'"},
      {"[server] \ufc7f",
       ":1: Error while parsing table header: expected a comment or whitespace, saw '\ufc7f'"},
      {"[\u2e80]", ": is not written in TOML"},
      {"\x80", ":1: Encountered invalid utf-8 sequence"},
      {"a = +'\u00fc'", ":1: Error while parsing value: could not determine value type"},
      {"a 'b' = 1 '\u00fc'", ":1: Error while parsing key-value pair: expected '=', saw '''"},
      {"2A=1.0.0.\"\":0\u0429",
       ":1: Error while parsing floating-point: expected decimal digit or exponent, saw '.'"},
  };
  for (const auto& [stray, why] : refused) {
    EXPECT_EQ(refusal(stray), "c.toml" + why) << stray;
  }
  EXPECT_EQ(refusal("# \u00fc '\n\u00fc = 1").substr(0, 10), "c.toml:2: ");
  for (const std::string good :
       {"\xEF\xBB\xBF# \u00fc\ufc7f\n[server]\n",
        "\xEF\xBB\xBF[\"log\"]\n'level' = 'info' # \u00fc\n", "[server] # \u00fc",
        "[journal]\nsync = \"\"\"off\"\"\" # \ufc7f\n", "[log] # it's \u00fc\nlevel = 'info'\n"}) {
    EXPECT_TRUE(load(good, "c.toml", {})) << good;
  }
  EXPECT_TRUE(refusal("[journal]\nsync = \"\ufc7f\"\n").ends_with("commit, interval, off"));
  EXPECT_TRUE(refusal("[journal]\nsync = '''\n\ufc7f''\n'''''\n").ends_with("interval, off"));
}

TEST(Settings, ABadValueIsNamedWithWhatIsExpected) {
  EXPECT_EQ(refusal("[journal]\nsync = \"always\"\n"),
            "c.toml:2: \"journal.sync\": \"always\" is not one of commit, interval, off");
  EXPECT_EQ(refusal("[query]\ndeadline = \"soon\"\n"),
            "c.toml:2: \"query.deadline\": \"soon\" is not a duration such as 250ms, 15m or 30d");
  EXPECT_EQ(refusal("[server]\nthreads = 0\n"),
            "c.toml:2: \"server.threads\": \"0\" is not between 1 and 64");
  EXPECT_EQ(refusal("[server]\nthreads = 1.5\n"),
            "c.toml:2: \"server.threads\" has a value of the wrong type");
  EXPECT_EQ(refusal("[server\n").substr(0, 8), "c.toml:1");
}

TEST(Settings, TwoApisOnOnePathAreRefused) {
  EXPECT_EQ(refusal("[paths]\nsegmentstream = \"/collect\"\n"),
            "two APIs have the path \"/collect\"");
}

TEST(Units, ReadBackWhatTheyWrite) {
  for (const char* text : {"250ms", "15m", "30d", "1h30m", "0s", "1d1h1m1s1ms"}) {
    EXPECT_EQ(format_duration(parse_duration(text).value_or(milliseconds(-1))), text);
  }
  EXPECT_EQ(parse_duration("90"), milliseconds(90'000));
  for (const char* text : {"", "-1s", "1x", "s", "99999999999999999999", "1.5h"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
  EXPECT_EQ(parse_size("1.5KiB"), 1536U);
  EXPECT_EQ(parse_size("2 GB"), 2'000'000'000U);
  EXPECT_EQ(format_size(64U << 20U), "64MiB");
  EXPECT_EQ(format_size(1000), "1000B");
  for (const char* text : {"", "-1", "1.5", "MiB", "1XB", "1e30"}) {
    EXPECT_FALSE(parse_size(text)) << text;
  }
}

TEST(SettingsPage, ListsEveryKeyWithItsDefault) {
  std::ifstream in(CATCHMENT_DOCS "/settings.md");
  const std::string page((std::istreambuf_iterator<char>(in)), {});
  for (const SettingInfo& info : list_settings()) {
    const std::string row = "| `" + std::string(info.key) + "` | " +
                            (info.default_value.empty() ? "" : "`" + info.default_value + "`") +
                            " | " + std::string(info.doc) + " |";
    EXPECT_NE(page.find(row), std::string::npos) << row;
  }
}

}  // namespace
}  // namespace settings
