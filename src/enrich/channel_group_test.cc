#include "enrich/channel_group.h"

#include <gtest/gtest.h>

#include <vector>

namespace enrich {
namespace {

struct Case {
  std::string_view category;
  Campaign campaign;
  Referrer referrer;
  std::string_view channel;
};

TEST(ChannelGroup, FirstRuleThatFitsWins) {
  const std::string id = R"({"type":"gclid","value":"1"})";
  const Referrer other = {"https://other.example/", "other.example"};
  const std::vector<Case> cases = {
      {"", {}, {}, "Direct"},
      {"Unassigned", {}, other, "Direct"},
      {"Search", {.medium = "x-CPC-y"}, {}, "Paid Search"},
      {"Search", {.medium = "Retargeting"}, {}, "Paid Search"},
      {"Search", {.medium = "(CPC)"}, {}, "Paid Search"},
      {"Search", {.clid = id}, {}, "Paid Search"},
      {"Search", {}, {}, "Organic Search"},
      {"Search", {.medium = "(Organic)"}, {}, "Organic Search"},
      {"Search", {.medium = "referral"}, {}, "Unassigned"},
      {"Social", {.medium = "ppc"}, {}, "Paid Social"},
      {"Social", {.medium = "unpaid"}, {}, "Organic Social"},
      {"", {.medium = "Social Network"}, {}, "Organic Social"},
      {"Video", {.medium = "paid-video"}, {}, "Paid Video"},
      {"", {.medium = "my video ads"}, {}, "Organic Video"},
      {"Shopping", {.campaign = "May e-shop"}, {}, "Paid Shopping"},
      {"Shopping", {.clid = id}, {}, "Paid Shopping"},
      {"Shopping", {}, {}, "Organic Shopping"},
      {"", {.campaign = "eShop"}, {}, "Organic Shopping"},
      {"", {.campaign = "Shopping in May"}, {}, "Organic Shopping"},
      {"", {.campaign = "workshops"}, {}, "Unassigned"},
      {"", {.campaign = "windowshopping"}, {}, "Organic Shopping"},
      {"", {.medium = "paid"}, {}, "Paid Other"},
      {"Search", {.source = "Gmail", .medium = "x"}, {}, "Email"},
      {"", {.source = "x", .medium = "e-mail"}, {}, "Email"},
      {"", {.source = "x"}, {"https://mail.example/", "Mail.example"}, "Email"},
      {"", {.source = "SMS"}, {}, "SMS"},
      {"", {.medium = "sms"}, {}, "SMS"},
      {"", {.medium = "Audio"}, {}, "Audio"},
      {"", {.medium = "web-push"}, {}, "Mobile Push Notifications"},
      {"", {.medium = "in mobile app"}, {}, "Mobile Push Notifications"},
      {"", {.medium = "notifications"}, {}, "Mobile Push Notifications"},
      {"", {.source = "x"}, other, "Referral"},
      {"Unassigned", {.source = "x"}, other, "Referral"},
      {"", {.source = "x"}, {"https://internal.example/", "my.internal.example"}, "Internal"},
      {"", {.source = "x"}, {}, "Unassigned"},
  };
  for (const Case& it : cases) {
    EXPECT_EQ(channel_group(it.campaign, it.category, it.referrer), it.channel)
        << it.category << " " << it.campaign.source << " " << it.campaign.medium << " "
        << it.campaign.campaign;
  }
}

}  // namespace
}  // namespace enrich
