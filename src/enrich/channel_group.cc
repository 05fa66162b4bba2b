#include "enrich/channel_group.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <string>

namespace enrich {
namespace {

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// "shopping", or "shop" at the start or behind an "e" or what is no letter: "eshop", "my-shop",
/// but not "workshop".
bool names_a_shop(std::string_view campaign) {
  for (std::size_t at = campaign.find("shop"); at != std::string_view::npos;
       at = campaign.find("shop", at + 1)) {
    const char before = at == 0 ? '-' : campaign[at - 1];
    if (before == 'e' || before < 'a' || before > 'z' ||
        campaign.substr(at).starts_with("shopping")) {
      return true;
    }
  }
  return false;
}

bool is_paid(std::string_view medium) {
  return contains(medium, "cp") || medium == "ppc" || medium == "retargeting" ||
         medium.starts_with("paid");
}

bool is_social(std::string_view medium) {
  static constexpr std::array<std::string_view, 6> kSocial = {
      "social", "social-network", "social-media", "sm", "social network", "social media"};
  return std::ranges::find(kSocial, medium) != kSocial.end();
}

bool is_push(std::string_view medium) {
  return medium.ends_with("push") || contains(medium, "mobile") || contains(medium, "notification");
}

/// What the rules look at, in lower case.
struct Facts {
  std::string source;
  std::string medium;  ///< Without the parentheses of an inferred one.
  std::string campaign;
  std::string host;
  bool has_click_id;

  Facts(const Campaign& from, const Referrer& referrer)
      : source(base::lower_case(from.source)),
        medium(base::lower_case(from.medium)),
        campaign(base::lower_case(from.campaign)),
        host(base::lower_case(referrer.host)),
        has_click_id(!from.clid.empty()) {
    std::erase_if(medium, [](char c) { return c == '(' || c == ')'; });
  }
  [[nodiscard]] bool paid() const { return has_click_id || is_paid(medium); }
};

bool says_nothing(const Campaign& campaign) {
  return campaign.source.empty() && campaign.medium.empty() && campaign.campaign.empty() &&
         campaign.content.empty() && campaign.term.empty() && campaign.campaign_id.empty() &&
         campaign.clid_platform.empty() && campaign.clid.empty();
}

/// The rules that look at the category first. "" when none of them fits.
std::string_view by_category(const Facts& facts, std::string_view category) {
  if (category == "Search" && facts.paid()) {
    return "Paid Search";
  }
  if (category == "Search" && (facts.medium.empty() || facts.medium == "organic")) {
    return "Organic Search";
  }
  if (category == "Social" && facts.paid()) {
    return "Paid Social";
  }
  if (category == "Social" || is_social(facts.medium)) {
    return "Organic Social";
  }
  if (category == "Video" && facts.paid()) {
    return "Paid Video";
  }
  if (category == "Video" || contains(facts.medium, "video")) {
    return "Organic Video";
  }
  const bool shop = names_a_shop(facts.campaign);
  if (category == "Shopping" && (facts.paid() || shop)) {
    return "Paid Shopping";
  }
  return category == "Shopping" || shop ? "Organic Shopping" : "";
}

/// The rest of them.
std::string_view by_medium(const Facts& facts, bool has_category, const Referrer& referrer) {
  if (!has_category && is_paid(facts.medium)) {
    return "Paid Other";
  }
  if (contains(facts.source, "mail") || contains(facts.medium, "mail") ||
      facts.host.starts_with("mail")) {
    return "Email";
  }
  if (facts.source == "sms" || facts.medium == "sms") {
    return "SMS";
  }
  if (facts.medium == "audio") {
    return "Audio";
  }
  if (is_push(facts.medium)) {
    return "Mobile Push Notifications";
  }
  const bool internal = contains(facts.host, "internal");
  if (!referrer.url.empty() && !has_category && !internal) {
    return "Referral";
  }
  return internal ? "Internal" : "Unassigned";
}

}  // namespace

std::string_view channel_group(const Campaign& campaign, std::string_view category,
                               const Referrer& referrer) {
  const bool has_category = !category.empty() && category != "Unassigned";
  if (!has_category && says_nothing(campaign)) {
    return "Direct";
  }
  const Facts facts(campaign, referrer);
  const std::string_view found = by_category(facts, category);
  return found.empty() ? by_medium(facts, has_category, referrer) : found;
}

}  // namespace enrich
