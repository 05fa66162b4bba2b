#include "history.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace bench {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr double kLate = 0.02;
constexpr double kTwice = 0.005;
constexpr double kBuys = 0.02;

constexpr std::array<std::string_view, 8> kBrands = {"Acme",  "Borealis", "Cirrus", "Delta",
                                                     "Ember", "Fjord",    "Gale",   "Helio"};
constexpr std::array<std::string_view, 12> kNames = {
    "product_view", "search_result", "add_to_cart", "scroll_list",   "filter", "share",
    "wish",         "compare",       "remove_item", "begin_payment", "coupon", "review"};
constexpr std::array<std::string_view, 6> kPages = {"/",     "/shoes", "/coats",
                                                    "/sale", "/cart",  "/account"};
constexpr std::array<std::string_view, 5> kSizes = {"360", "414", "1280", "1440", "1920"};
constexpr std::array<std::string_view, 6> kLanguages = {"en_US", "de_DE", "fr_FR",
                                                        "es_ES", "ja_JP", "pt_BR"};
constexpr std::array<std::string_view, 3> kPlatforms = {"Web", "Android", "iOS"};

/// Splits bits of a number evenly, for what belongs to a user and never changes.
std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31U);
}

template <std::size_t N>
std::string_view pick(const std::array<std::string_view, N>& list, std::uint64_t number) {
  return list[number % N];
}

/// Low ranks are common: the share of rank k falls about as 1 / k.
std::uint64_t skewed(double chance, std::uint64_t count) {
  const double rank = std::pow(static_cast<double>(count) + 1, chance) - 1;
  return std::min(static_cast<std::uint64_t>(rank), count - 1);
}

std::string hex(std::uint64_t number) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out(16, '0');
  for (std::size_t at = out.size(); at-- > 0; number >>= 4U) {
    out[at] = kDigits[number & 15U];
  }
  return out;
}

}  // namespace

struct History::Visitor {
  std::uint64_t user = 0;
  std::uint64_t traits = 0;
  std::string id;
  std::string session_id;
  std::int64_t started_ms = 0;
  std::uint64_t event = 0;  ///< Makes event ids.
};

History::History(HistoryOptions options)
    : options_(std::move(options)),
      requests_(std::max<std::uint64_t>(1, options_.events / kEventsPerRequest)) {}

const Visit& History::visit(std::uint64_t number) {
  random_.seed(mix(number + 1));
  if (chance() < kTwice && number > 0) {
    const std::int64_t received = visit(number - 1).received_ms;
    visit_.received_ms = received + 1000;
    return visit_;
  }
  // The shop grows: the same number of requests takes ever less time.
  const double share = static_cast<double>(number) / static_cast<double>(requests_);
  const double elapsed = std::pow(share, 0.8) * static_cast<double>(options_.days * kDayMs);
  const std::int64_t begin = options_.end_ms - options_.days * kDayMs;
  visit_.received_ms = begin + static_cast<std::int64_t>(elapsed);
  const auto known =
      static_cast<std::uint64_t>((0.2 + 0.8 * share) * static_cast<double>(options_.users));
  Visitor visitor;
  const double draw = chance();
  // Half of the visits are by people who come often, the others by anybody.
  visitor.user = draw < 0.5
                     ? skewed(draw * 2, known)
                     : static_cast<std::uint64_t>((draw - 0.5) * 2 * static_cast<double>(known));
  visitor.traits = mix(visitor.user + 77);
  visitor.id = hex(visitor.traits) + hex(mix(visitor.traits));
  visitor.started_ms = visit_.received_ms - 60'000;
  if (chance() < kLate) {
    visitor.started_ms -= static_cast<std::int64_t>(chance() * 3 * static_cast<double>(kDayMs));
  }
  visitor.session_id = visitor.id.substr(0, 8) + "-" + std::to_string(visitor.started_ms);
  visitor.event = number << 8U;

  visit_.target = "/collect?platform=" + std::string(pick(kPlatforms, visitor.traits)) +
                  "&appId=" + options_.app_id +
                  "&event_bundle_sequence_id=" + std::to_string(number % 1000);
  visit_.body = "[";
  visit_.events = 0;
  std::int64_t time = visitor.started_ms;
  begin_event("_session_start", visitor, time);
  end_event();
  // 2 to 16 further events, 9 in the mean.
  const auto more = 2 + static_cast<std::uint64_t>(chance() * 15);
  for (std::uint64_t at = 0; at < more; ++at) {
    time += 1000 + static_cast<std::int64_t>(chance() * 5000);
    ++visitor.event;
    if (at % 3 == 0) {
      add_view(visitor, time);
    } else {
      add_product_event(pick(kNames, skewed(chance(), kNames.size())), visitor, time);
    }
  }
  if (chance() < kBuys) {
    ++visitor.event;
    add_product_event("purchase", visitor, time + 1000);
  }
  visit_.body += "]";
  return visit_;
}

void History::begin_event(std::string_view name, const Visitor& visitor, std::int64_t time_ms) {
  std::string& body = visit_.body;
  body += visit_.events == 0 ? "{" : ",{";
  ++visit_.events;
  add_member("hashCode", hex(mix(visitor.event)).substr(0, 8));
  add_member("event_type", name);
  add_member("event_id", hex(mix(visitor.event)) + hex(visitor.event));
  add_member("timestamp", time_ms);
  add_member("device_id", visitor.id);
  add_member("unique_id", visitor.id);
  add_member("platform", pick(kPlatforms, visitor.traits));
  add_member("make", "Google Inc.");
  add_member("locale", pick(kLanguages, visitor.traits >> 8U));
  add_member("system_language", pick(kLanguages, visitor.traits >> 8U).substr(0, 2));
  add_member("zone_offset",
             static_cast<std::int64_t>(visitor.traits % 24) * 3'600'000 - 43'200'000);
  add_member("screen_width", std::string_view(pick(kSizes, visitor.traits >> 4U)));
  add_member("host_name", "shop.example");
  add_member("sdk_name", "aws-solution-clickstream-sdk");
  add_member("sdk_version", "0.12.3");
  add_member("app_id", options_.app_id);
  body += ",\"user\":{},\"attributes\":{\"_session_id\":\"" + visitor.session_id + "\"";
  add_member("_session_start_timestamp", visitor.started_ms);
  add_member("_session_duration", time_ms - visitor.started_ms);
  add_member("_session_number", static_cast<std::int64_t>(1 + visitor.traits % 20));
}

void History::add_member(std::string_view key, std::string_view text) {
  std::string& body = visit_.body;
  body += body.back() == '{' ? "\"" : ",\"";
  body.append(key).append("\":\"").append(text) += '"';
}

void History::add_member(std::string_view key, std::int64_t number) {
  std::string& body = visit_.body;
  body += body.back() == '{' ? "\"" : ",\"";
  body.append(key).append("\":").append(std::to_string(number));
}

void History::end_event() { visit_.body += "}}"; }

void History::add_view(const Visitor& visitor, std::int64_t time_ms) {
  begin_event("_page_view", visitor, time_ms);
  const std::string_view page = pick(kPages, skewed(chance(), kPages.size()));
  add_member("_page_title", "Shop");
  add_member("_page_url", std::string("https://shop.example").append(page));
  add_member("_engagement_time_msec", static_cast<std::int64_t>(chance() * 20'000));
  end_event();
}

void History::add_product_event(std::string_view name, const Visitor& visitor,
                                std::int64_t time_ms) {
  begin_event(name, visitor, time_ms);
  const std::uint64_t product = skewed(chance(), 5000);
  const auto price = static_cast<std::int64_t>(5 + mix(product) % 200);
  add_member("product", "P" + std::to_string(product));
  add_member("brand", pick(kBrands, product));
  add_member("price", price);
  add_member("quantity", static_cast<std::int64_t>(1 + product % 3));
  if (name == "purchase") {
    visit_.body += "},\"event_value\":" + std::to_string(price) + ".99,\"currency\":\"EUR\"}";
    return;
  }
  end_event();
}

}  // namespace bench
