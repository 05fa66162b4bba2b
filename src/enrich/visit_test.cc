// Clickstream's classification as a whole: what an event says, and the ten columns it gets.

#include "enrich/traffic_source.h"

#include <gtest/gtest.h>

#include <array>

namespace enrich {
namespace {

/// What a page view says of where its visitor came from.
struct Sent {
  std::string page_url;
  std::string page_referrer;
  std::string latest_referrer;
  std::string latest_referrer_host;
};

TrafficSources sources(bool reference_order = false) {
  auto list = ReferrerList::parse(built_in_referrers());
  EXPECT_TRUE(list) << list.error().message;
  return {*std::move(list), reference_order};
}

event::Event event_of(const Sent& sent) {
  event::Event event;
  event.page_url = sent.page_url;
  event.page_referrer = sent.page_referrer;
  event.latest_referrer = sent.latest_referrer;
  event.latest_referrer_host = sent.latest_referrer_host;
  return event;
}

event::Event completed(event::Event event, bool reference_order = false) {
  const UrlParts page = split_url(event.page_url);
  if (event.page_host.empty()) {
    event.page_host = page.host;
  }
  sources(reference_order).complete(page, event);
  return event;
}

event::Event visit(const Sent& sent) { return completed(event_of(sent)); }

/// "source|medium|campaign|content|term|campaign_id|clid_platform|clid|channel group|category"
std::string row(const event::Event& event) {
  const std::array<std::string, 10> texts = {
      event.traffic_source_source,        event.traffic_source_medium,
      event.traffic_source_campaign,      event.traffic_source_content,
      event.traffic_source_term,          event.traffic_source_campaign_id,
      event.traffic_source_clid_platform, event.traffic_source_clid,
      event.traffic_source_channel_group, event.traffic_source_category};
  std::string out;
  for (const std::string& text : texts) {
    out += text + "|";
  }
  out.pop_back();
  return out;
}

constexpr std::string_view kDirect = "Direct|None|Direct||||||Direct|Direct";
constexpr std::string_view kInternal = "Direct|None|Direct||||||Internal|Direct";
constexpr std::string_view kGoogle = "Google|(Organic)|||||||Organic Search|Search";
constexpr std::string_view kAllParameters =
    "?utm_source=source&utm_medium=medium&utm_campaign=campaign&utm_content=content&"
    "utm_term=term&utm_id=campaignId&utm_source_platform=clidPlatform&xclid=xcidxxxx";
constexpr std::string_view kAllColumns =
    R"(source|medium|campaign|content|term|campaignId|clidPlatform|)"
    R"({"type":"xclid","value":"xcidxxxx"}|Unassigned|Unassigned)";

TEST(Visit, NothingKnownIsDirect) {
  EXPECT_EQ(row(visit({})), kDirect);
  EXPECT_EQ(row(visit({.page_url = "https://example.com/posts/1"})), kDirect);
  EXPECT_EQ(row(visit({.page_url = "about:blank"})), kDirect);
}

TEST(Visit, PageParametersAreTakenWithAndWithoutScheme) {
  EXPECT_EQ(row(visit({.page_url = "https://www.example.com" + std::string(kAllParameters)})),
            kAllColumns);
  EXPECT_EQ(row(visit({.page_url = "example.com" + std::string(kAllParameters)})), kAllColumns);
}

TEST(Visit, ClickIdNamesSourceMediumAndChannel) {
  EXPECT_EQ(row(visit({.page_url = "https://www.example.com/search?q=abc&q=food&"
                                   "utm_campaign=shopping&utm_content=content&utm_id=shopping_id&"
                                   "utm_source_platform=clidPlatform&gclid=gcidxxxx"})),
            R"(Google|(CPC)|shopping|content||shopping_id|clidPlatform|)"
            R"({"type":"gclid","value":"gcidxxxx"}|Paid Search|Search)");
  EXPECT_EQ(row(visit({.page_url = "https://x.example/?fbclid=1"})),
            R"(fbclid|(CPC)||||||{"type":"fbclid","value":"1"}|Paid Other|Unassigned)");
}

TEST(Visit, SearchEngineIsOrganic) {
  constexpr std::string_view kQuery = "?q=flowers&hl=en&biw=1366&source=lnms";
  const std::string page = "https://www.example.com/query_path";
  EXPECT_EQ(row(visit({page, "https://google.com/search" + std::string(kQuery)})), kGoogle);
  EXPECT_EQ(row(visit({page, "", "https://i.search.google.se", "i.search.google.se"})), kGoogle);
  EXPECT_EQ(row(visit({"https://example.com/posts/2024/", "https://example.com",
                       "https://www.google.com/", "google.com"})),
            kGoogle);
  EXPECT_EQ(row(visit({page, "", "https://video.google.com/search?q=a&q=b"})), kGoogle)
      << "the list has no entry of its own for it";
}

TEST(Visit, SearchTermsOfTheReferrerAreDistinctAndSorted) {
  EXPECT_EQ(row(visit({"https://x.example/", "", "https://bing.com/search?q=b+c&q=a&q=a&p=1"})),
            "Bing|(Organic)|||a,b c||||Organic Search|Search");
  EXPECT_EQ(row(visit({"https://x.example/", "", "https://www.bing.com/images/search?q=a"})),
            "Bing Images|(Organic)|||a||||Organic Search|Search");
}

TEST(Visit, SocialNetworkIsAReferral) {
  EXPECT_EQ(row(visit({"https://www.example.com/entertainment/中文--plt6/14?method=lazyload",
                       "http://m.facebook.com/"})),
            "Facebook|(Referral)|||||||Organic Social|Social");
}

TEST(Visit, UnknownReferrerIsItsHost) {
  EXPECT_EQ(row(visit({"https://x.example/", "", "https://blog.other.example/post?q=1",
                       "blog.other.example"})),
            "blog.other.example|(Referral)|||||||Referral|Unassigned");
  EXPECT_EQ(row(visit({"https://x.example/?utm_term=abc", "https://blog.other.example/"})),
            "blog.other.example|(Referral)|||||||Referral|Unassigned")
      << "a term without a source on the page is not mixed with the referrer's source";
}

TEST(Visit, PagesOfTheSameHostAreInternal) {
  const std::string page = "https://example.com/posts/2022/protect-website/";
  EXPECT_EQ(
      row(visit({page, "https://example.com/login/", "https://example.com/login/", "example.com"})),
      kInternal);
  EXPECT_EQ(row(visit({page, "", "https://example.com/", "EXAMPLE.com"})), kInternal);
  EXPECT_EQ(row(visit({page, "https://example.com/login/"})), kInternal);
  EXPECT_EQ(
      row(visit({"http://example.com:8080/", "", "http://example.com:8080/a", "example.com:8080"})),
      kInternal)
      << "the Web SDK sends the port with the host";
}

TEST(Visit, LatestReferrerWithoutItsHostCountsAsExternal) {
  EXPECT_EQ(row(visit({"https://example.com/", "", "https://example.com/a", ""})),
            "example.com|(Referral)|||||||Referral|Unassigned");
}

TEST(Visit, InternalLatestReferrerLeavesThePagesOwn) {
  EXPECT_EQ(row(visit({"https://example.com/", "https://google.com/", "https://example.com/a",
                       "example.com"})),
            kGoogle);
  EXPECT_EQ(row(visit({"https://example.com/", "mailto:a@b", "", ""})),
            "Direct|(Referral)|Direct||||||Direct|Direct")
      << "a referrer that names no host";
}

TEST(Visit, CampaignOfTheReferrerTakesThePlaceOfThePages) {
  EXPECT_EQ(row(visit({"https://x.example/?utm_medium=gone",
                       "https://x.example/?utm_source=page-referrer",
                       "https://x.example/?utm_source=latest&utm_medium=email", "x.example"})),
            "latest|email|||||||Email|Unassigned");
  EXPECT_EQ(row(visit({"https://x.example/", "https://x.example/?utm_source=page-referrer"})),
            "page-referrer|None|||||||Unassigned|Unassigned");
}

TEST(Visit, DirectOfAnyCaseIsNoSource) {
  EXPECT_EQ(row(visit({.page_url = "https://x.example/?utm_source=DIRECT&utm_campaign=direct"})),
            kDirect);
}

TEST(Visit, PageAddressesWithoutEscapingAreReadNevertheless) {
  const std::string source =
      "feedYahoo{{1|||{[}]]][[<,,,,>M<$#@~^\\;`#~;/:+, }AA_【中文测试 | 中文 测试 @test";
  const std::string query = "?utm_source=" + source + "&utm_medium=referral&utm_campaign=nmgYahoo";
  const std::string expected = source + "|referral|nmgYahoo||||||Referral|Unassigned";
  EXPECT_EQ(row(visit({"https://www.example.com/travel/航空-786138/" + query,
                       "https://hk.news.yahoo.com/借錢-{[}]]][[-test-070840890.html"})),
            expected);
  EXPECT_EQ(row(visit({"https://www.example.com/travel/航空-786138/中 文 测 试/" + query,
                       "https://hk.news.yahoo.com/借錢-中 文 测 试/{[}]]][[-test.html"})),
            expected);
  for (const auto& [page, referrer] :
       {std::pair("https://www.example.com/keyword/太古 食乜^$@()[- #]%好/",
                  "https://www.example.com/dining/太古-著數 推介-snoopy-669390/"),
        std::pair("https://www.example.com/keyword/太古%/", "https://www.example.com/dining/%/"),
        std::pair("www.example.com/keyword/太古 /", "www.example.com/dining/%/"),
        std::pair("https://www.example.com/mbti/istp测试-1697502/3?method=lazyload",
                  "https://www.example.com/mbti/isfp测试-1684248/")}) {
    EXPECT_EQ(row(visit({page, referrer})), kInternal) << page;
  }
}

event::Event told(const Sent& sent, std::string source, std::string medium) {
  event::Event event = event_of(sent);
  event.traffic_source_told = true;
  event.traffic_source_source = std::move(source);
  event.traffic_source_medium = std::move(medium);
  return event;
}

TEST(ToldVisit, KeepsItsEightValuesAndGetsCategoryAndChannel) {
  const Sent sent = {.page_url = "https://x.example/?utm_source=page&gclid=1"};
  EXPECT_EQ(row(completed(told(sent, "Google", "cpc"))), "Google|cpc|||||||Paid Search|Search");
  EXPECT_EQ(row(completed(told(sent, "news", ""))), "news||||||||Unassigned|Unassigned");
  EXPECT_EQ(row(completed(told({.latest_referrer = "https://t.co/x"}, "news", ""))),
            "news||||||||Organic Social|Social")
      << "the referrer is known";
}

TEST(ToldVisit, CategoryAndChannelOfTheClientStayOnlyTogether) {
  event::Event both = told({}, "news", "email");
  both.traffic_source_category = "Own";
  both.traffic_source_channel_group = "Club";
  EXPECT_EQ(row(completed(both)), "news|email|||||||Club|Own");
  both.traffic_source_category = "";
  EXPECT_EQ(row(completed(both)), "news|email|||||||Email|Unassigned");
}

TEST(ToldVisit, EmptySourceIsLeftAlone) {
  EXPECT_EQ(
      row(completed(told({"https://x.example/?utm_source=a", "https://google.com/"}, "", "kept"))),
      "|kept||||||||");
}

TEST(ToldVisit, ReferenceOrderTakesThePagesHostForAReferrer) {
  const Sent page = {.page_url = "https://x.example/"};
  EXPECT_EQ(row(completed(told(page, "news", ""), false)), "news||||||||Unassigned|Unassigned");
  EXPECT_EQ(row(completed(told(page, "news", ""), true)), "news||||||||Referral|Unassigned");
  const Sent both = {.page_url = "https://x.example/", .page_referrer = "https://google.com/"};
  EXPECT_EQ(row(completed(told(both, "news", ""), false)), "news||||||||Organic Search|Search");
  EXPECT_EQ(row(completed(told(both, "news", ""), true)), "news||||||||Referral|Unassigned");
}

}  // namespace
}  // namespace enrich
