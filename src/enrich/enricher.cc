#include "enrich/clock_correction.h"
#include "enrich/enrich.h"
#include "enrich/geo.h"
#include "enrich/page_url.h"
#include "enrich/referrer_list.h"
#include "enrich/traffic_source.h"
#include "enrich/user_agent.h"
#include "io/file_system.h"
#include "json/writer.h"

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <utility>

namespace enrich {
namespace {

constexpr std::uint64_t kRulesBytesMax = std::uint64_t{16} << 20U;
/// How much later an event must have come for the geo file to be looked at again.
constexpr std::int64_t kReloadEveryUs = std::int64_t{10'000'000};

base::Result<Rules> load_rules(const std::string& path) {
  if (path.empty()) {
    return parse_rules(built_in_rules());
  }
  const auto files = io::posix_file_system();
  const auto text = io::read_file(*files, path, kRulesBytesMax);
  if (!text) {
    return text.error();
  }
  auto rules = parse_rules(*text);
  if (!rules) {
    return base::fail(base::Code::kInvalid, path + ": " + rules.error().message);
  }
  return rules;
}

void fill(std::string& column, const std::string& value) {
  if (column.empty()) {
    column = value;
  }
}

void add_page(const UrlParts& parts, event::Event& event) {
  if (!event.page_url.empty()) {
    fill(event.page_host, parts.host);
    fill(event.page_path, std::string(parts.path));
    fill(event.page_query, std::string(parts.query));
  }
  if (!event.page_referrer.empty()) {
    fill(event.page_referrer_host, split_url(event.page_referrer).host);
  }
}

void add_user_agent(UserAgents& user_agents, event::Event& event) {
  if (event.user_agent.empty()) {
    return;
  }
  const UserAgent& known = user_agents.find(event.user_agent);
  fill(event.ua_browser, known.browser);
  fill(event.ua_browser_version, known.browser_version);
  fill(event.ua_os, known.os);
  fill(event.ua_os_version, known.os_version);
  fill(event.ua_device, known.device);
  fill(event.ua_device_category, known.device_category);
}

void add_place(const Place& place, event::Event& event) {
  // A damaged database may hold bytes that are no text; a column must be readable.
  fill(event.geo_continent, json::make_utf8(place.continent));
  fill(event.geo_country, json::make_utf8(place.country));
  fill(event.geo_region, json::make_utf8(place.region));
  fill(event.geo_city, json::make_utf8(place.city));
  if (!event.geo_latitude && !event.geo_longitude) {
    event.geo_latitude = place.latitude;
    event.geo_longitude = place.longitude;
  }
}

}  // namespace

struct Enricher::State {
  State(const Options& options, Rules rules, ReferrerList referrers)
      : user_agents(std::move(rules)),
        traffic_sources(std::move(referrers), options.traffic_source_reference_order),
        clock_correction(options.clock_correction),
        log(options.log != nullptr ? *options.log : base::null_log()) {}

  void reload_geo(std::int64_t received_at);

  UserAgents user_agents;
  TrafficSources traffic_sources;
  std::unique_ptr<GeoDatabase> geo;
  const bool clock_correction;
  base::Log& log;
  std::optional<std::int64_t> geo_checked_at;  ///< Receive time of the event that caused it.
};

void Enricher::State::reload_geo(std::int64_t received_at) {
  if (geo_checked_at && received_at - *geo_checked_at < kReloadEveryUs &&
      *geo_checked_at - received_at < kReloadEveryUs) {
    return;
  }
  geo_checked_at = received_at;
  const auto reloaded = geo->reload_if_changed();
  if (!reloaded) {
    log.error("the new geo file cannot be used, the old content stays in use",
              {{"reason", reloaded.error().message}});
  } else if (*reloaded) {
    log.info("the geo file was replaced and read again");
  }
}

Enricher::Enricher(std::unique_ptr<State> state) : state_(std::move(state)) {}
Enricher::~Enricher() = default;

base::Result<std::unique_ptr<Enricher>> Enricher::open(const Options& options) {
  auto rules = load_rules(options.user_agent_file);
  if (!rules) {
    return rules.error();
  }
  auto referrers = ReferrerList::parse(built_in_referrers());
  if (!referrers) {
    return referrers.error();
  }
  auto state = std::make_unique<State>(options, *std::move(rules), *std::move(referrers));
  if (!options.user_agent_file.empty()) {
    const std::size_t left_out = state->user_agents.compile();
    if (left_out > 0) {
      state->log.warning("user agent rules that RE2 cannot express are left out",
                         {{"rules", static_cast<std::int64_t>(left_out)}});
    }
  }
  if (!options.geo_file.empty()) {
    auto geo = GeoDatabase::open(options.geo_file);
    if (!geo) {
      return geo.error();
    }
    state->geo = *std::move(geo);
  }
  return std::unique_ptr<Enricher>(new Enricher(std::move(state)));  // NOLINT: private constructor
}

void Enricher::complete(event::Event& event) {
  const bool is_clickstream = event.api == event::Api::kClickstream;
  if (state_->clock_correction && is_clickstream) {
    correct_clock(event);
  }
  const UrlParts page = split_url(event.page_url);
  add_page(page, event);
  if (is_clickstream) {
    state_->traffic_sources.complete(page, event);
  } else {
    add_traffic_source(event.page_query, event);
  }
  add_user_agent(state_->user_agents, event);
  if (state_->geo) {
    state_->reload_geo(event.received_at.value_or(0));
    add_place(state_->geo->find(event.ip), event);
  }
}

}  // namespace enrich
