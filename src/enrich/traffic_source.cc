#include "enrich/traffic_source.h"

#include "enrich/campaign.h"
#include "enrich/channel_group.h"

#include <algorithm>
#include <string>
#include <utility>

namespace enrich {
namespace {

constexpr std::string_view kDirect = "Direct";
constexpr std::string_view kUnassigned = "Unassigned";

/// What a visit is classified by.
struct Visit {
  Campaign campaign;
  std::string_view page_host;
  std::string_view page_referrer;
  Referrer latest;
};

struct Verdict {
  Campaign campaign;
  std::string category;
  std::string channel_group;
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Whether both are hosts, and the same.
bool same_host(std::string_view a, std::string_view b) {
  return !a.empty() && std::equal(a.begin(), a.end(), b.begin(), b.end(),
                                  [](char x, char y) { return lower(x) == lower(y); });
}

/// The Web SDK sends the port with the host, which pages and referrers are compared without.
std::string host_without_port(const std::string& host) {
  return host.find(':') == std::string::npos ? host : split_url(host).host;
}

void fill(std::string& column, std::string value) {
  if (column.empty()) {
    column = std::move(value);
  }
}

std::string_view medium_of(std::string_view category, bool has_click_id) {
  if (category.empty()) {
    return {};
  }
  if (has_click_id) {
    return "(CPC)";
  }
  return category == "Search" ? "(Organic)" : "(Referral)";
}

/// Completes the campaign from the referrer that led to the page; category stays empty when nobody
/// knows the source.
Verdict classify(const ReferrerList& list, Campaign campaign, const Referrer& referrer) {
  Verdict out;
  drop_placeholders(campaign);
  std::string_view category;
  if (!referrer.url.empty()) {
    const UrlParts parts = split_url(referrer.url);
    if (const KnownReferrer* const known = list.find(referrer.url, parts)) {
      category = known->category;
      fill(campaign.source, std::string(known->source));
      fill(campaign.term, search_terms(*known, parts.query));
    } else {
      fill(campaign.source, parts.host);
    }
  }
  if (category.empty() && !campaign.source.empty()) {
    category = list.category_of(campaign.source);
  }
  if (campaign.medium.empty()) {
    campaign.medium = medium_of(category, !campaign.clid.empty());
  }
  out.channel_group = channel_group(campaign, category, referrer);
  out.category = category;
  out.campaign = std::move(campaign);
  return out;
}

Verdict classify(const ReferrerList& list, Visit visit) {
  Campaign& campaign = visit.campaign;
  drop_placeholders(campaign);
  // The campaign of a referrer takes the place of the page's as a whole: a search term alone would
  // be mixed with another visit's source.
  if (campaign.source.empty()) {
    campaign = campaign_of_url(visit.latest.url);
  }
  if (campaign.source.empty()) {
    campaign = campaign_of_url(visit.page_referrer);
  }
  const std::string referrer_host = split_url(visit.page_referrer).host;
  const bool latest_internal = same_host(visit.page_host, visit.latest.host);
  const bool page_internal = same_host(visit.page_host, referrer_host);
  Referrer referrer;
  if (!visit.latest.url.empty() && !latest_internal) {
    referrer = visit.latest;
  } else if (!visit.page_referrer.empty() && !page_internal) {
    referrer = {visit.page_referrer, referrer_host};
  }
  Verdict out = classify(list, std::move(campaign), referrer);
  const bool internal = visit.latest.url.empty() ? page_internal : latest_internal;
  if (out.campaign.source.empty()) {
    out.campaign.source = kDirect;
    out.campaign.campaign = kDirect;
    out.category = kDirect;
    out.channel_group = internal ? "Internal" : kDirect;
  } else if (out.category.empty()) {
    out.category = kUnassigned;
  }
  if (out.campaign.medium.empty()) {
    const bool referred = !visit.latest.url.empty() || !visit.page_referrer.empty();
    out.campaign.medium = referred && !internal ? "(Referral)" : "None";
  }
  return out;
}

}  // namespace

void add_traffic_source(std::string_view query, event::Event& event) {
  if (query.empty() || !event.traffic_source_source.empty()) {
    return;
  }
  Campaign found = campaign_of_query(query);
  drop_placeholders(found);
  fill(event.traffic_source_source, std::move(found.source));
  fill(event.traffic_source_medium, std::move(found.medium));
  fill(event.traffic_source_campaign, std::move(found.campaign));
  fill(event.traffic_source_campaign_id, std::move(found.campaign_id));
  fill(event.traffic_source_term, std::move(found.term));
  fill(event.traffic_source_content, std::move(found.content));
  fill(event.traffic_source_clid_platform, std::move(found.clid_platform));
  fill(event.traffic_source_clid, std::move(found.clid));
}

TrafficSources::TrafficSources(ReferrerList referrers, bool reference_order)
    : referrers_(std::move(referrers)), reference_order_(reference_order) {}

void TrafficSources::complete(const UrlParts& page, event::Event& event) const {
  if (event.traffic_source_told) {
    complete_told(event);
    return;
  }
  if (event.page_url.empty() && event.page_referrer.empty() && event.latest_referrer.empty()) {
    event.traffic_source_source = kDirect;
    event.traffic_source_medium = "None";
    event.traffic_source_campaign = kDirect;
    event.traffic_source_category = kDirect;
    event.traffic_source_channel_group = kDirect;
    return;
  }
  const std::string latest_host = host_without_port(event.latest_referrer_host);
  Verdict found = classify(referrers_, {campaign_of_url(event.page_url),
                                        page.host,
                                        event.page_referrer,
                                        {event.latest_referrer, latest_host}});
  set_campaign(std::move(found.campaign), event);
  event.traffic_source_category = std::move(found.category);
  event.traffic_source_channel_group = std::move(found.channel_group);
}

void TrafficSources::complete_told(event::Event& event) const {
  // "" as the source says that the client knows there is none: nothing is worked out then.
  if (event.traffic_source_source.empty() ||
      (!event.traffic_source_category.empty() && !event.traffic_source_channel_group.empty())) {
    return;
  }
  std::string latest_host = host_without_port(event.latest_referrer_host);
  if (latest_host.empty()) {
    latest_host = split_url(event.latest_referrer).host;
  }
  Visit visit{campaign_of_event(event),
              event.page_host,
              event.page_referrer,
              {event.latest_referrer, latest_host}};
  if (reference_order_) {
    std::swap(visit.page_host, visit.page_referrer);
  }
  Verdict found = classify(referrers_, std::move(visit));
  event.traffic_source_category = std::move(found.category);
  event.traffic_source_channel_group = std::move(found.channel_group);
}

}  // namespace enrich
