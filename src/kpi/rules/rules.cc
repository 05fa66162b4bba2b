#include "kpi/rules/rules.h"

#include "base/text.h"
#include "json/value.h"
#include "kpi/rules/numbers.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace kpi {
namespace {

using base::Code;
using event::Api;

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(base::trim(text.substr(0, end)));
    if (end == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(end + 1);
  }
}

/// The member that `path` names: the whole path as one key, else member by member.
json::Value member(json::Value object, std::string_view path) {
  if (const json::Value whole = object[path]) {
    return whole;
  }
  const std::size_t dot = path.find('.');
  if (dot == std::string_view::npos) {
    return {};
  }
  const json::Value inner = object[path.substr(0, dot)];
  return inner.is_object() ? member(inner, path.substr(dot + 1)) : json::Value();
}

std::optional<double> number_of(json::Value value) {
  if (const auto text = value.string()) {
    return decimal_number(*text);
  }
  const auto number = value.number();
  return number && std::abs(*number) <= kNumberMax ? number : std::nullopt;
}

/// The JSON objects a path is looked for in, first to last; parsed when the first path is.
class Objects {
 public:
  explicit Objects(const event::Event& event) : event_(event) {}

  /// What `visit` makes of the members that `path` names, the first of it that is something.
  template <class Visit>
  auto find(std::string_view path, const Visit& visit) -> decltype(visit(json::Value())) {
    parse();
    for (const json::Document& document : documents_) {
      if (auto found = visit(member(document.root(), path))) {
        return found;
      }
    }
    return {};
  }

 private:
  void parse() {
    if (!documents_.empty()) {
      return;
    }
    if (event_.api != Api::kMobileAnalytics) {
      add(event_.properties);
      return;
    }
    add(event_.metrics);
    add(event_.attributes);
  }
  void add(std::string_view text) {
    if (auto document = json::Document::parse(text)) {
      documents_.push_back(std::move(*document));
    }
  }

  const event::Event& event_;
  std::vector<json::Document> documents_;
};

std::optional<double> amount_of(const RevenueRule& rule, const event::Event& event,
                                Objects& objects) {
  if (rule.value.empty()) {
    const bool fits = event.event_value && std::abs(*event.event_value) <= kNumberMax;
    return fits ? event.event_value : std::nullopt;
  }
  return objects.find(rule.value, number_of);
}

std::string currency_of(const RevenueRule& rule, const event::Event& event, Objects& objects) {
  std::string currency = event.currency;
  if (!rule.currency.empty()) {
    const auto text = objects.find(rule.currency, [](json::Value value) {
      return value.string() == "" ? std::nullopt : value.string();
    });
    currency = text.value_or("");
  }
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  if (currency.size() != 3 || !std::ranges::all_of(currency, is_letter)) {
    return {};
  }
  std::ranges::transform(currency, currency.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  });
  return currency;
}

}  // namespace

const Rules& default_rules(Api api) {
  static const Rules kClickstream{{"_session_start"},
                                  {{"purchase", "", ""}, {"_purchase", "", ""}}};
  static const Rules kClevertap{{}, {{"Charged", "Amount", "Currency"}}};
  static const Rules kMobileAnalytics{{"_session.start"},
                                      {{"_monetization.purchase", "_item_price", "_currency"}}};
  static const Rules kSegmentstream{
      {}, {{"Completed Transaction", "transaction.total", "transaction.currency"}}};
  switch (api) {
    case Api::kClevertap: return kClevertap;
    case Api::kMobileAnalytics: return kMobileAnalytics;
    case Api::kSegmentstream: return kSegmentstream;
    default: return kClickstream;
  }
}

base::Result<std::vector<std::string>> parse_active_events(std::string_view text) {
  std::vector<std::string> names;
  if (base::trim(text) == "any") {
    return names;
  }
  for (const std::string_view name : split(text, ',')) {
    if (name.empty()) {
      return base::fail(Code::kInvalid, "expected event names with commas between, or any");
    }
    names.emplace_back(name);
  }
  return names;
}

base::Result<std::vector<RevenueRule>> parse_revenue(std::string_view text) {
  std::vector<RevenueRule> rules;
  for (const std::string_view part : split(text, ',')) {
    const std::vector<std::string_view> fields = split(part, ':');
    if (fields.size() < 2 || fields.size() > 3 || fields[0].empty() || fields[1].empty()) {
      return base::fail(
          Code::kInvalid,
          "expected EVENT:VALUE or EVENT:VALUE:CURRENCY, with commas between several");
    }
    rules.push_back({std::string(fields[0]), std::string(fields[1]),
                     std::string(fields.size() == 3 ? fields[2] : std::string_view())});
  }
  return rules;
}

void RuleBook::set(const std::string& app_id, std::string_view active_events,
                   std::string_view revenue) {
  Own own{.setting = {app_id, std::string(active_events), std::string(revenue)}};
  if (auto names = parse_active_events(active_events); names && !active_events.empty()) {
    own.active_events = std::move(*names);
  }
  if (auto rules = parse_revenue(revenue); rules && !revenue.empty()) {
    own.revenue = std::move(*rules);
  }
  if (!own.active_events && !own.revenue) {
    apps_.erase(app_id);
    return;
  }
  for (const Api api :
       {Api::kClickstream, Api::kClevertap, Api::kMobileAnalytics, Api::kSegmentstream}) {
    const Rules& usual = default_rules(api);
    own.by_api[api] = {own.active_events.value_or(usual.active_events),
                       own.revenue.value_or(usual.revenue)};
  }
  apps_.insert_or_assign(app_id, std::move(own));
}

const Rules& RuleBook::rules(std::string_view app_id, Api api) const {
  const auto own = apps_.find(app_id);
  if (own == apps_.end()) {
    return default_rules(api);
  }
  const auto rules = own->second.by_api.find(api);
  return rules == own->second.by_api.end() ? default_rules(api) : rules->second;
}

std::vector<RuleBook::Setting> RuleBook::settings() const {
  std::vector<Setting> settings;
  settings.reserve(apps_.size());
  for (const auto& [app_id, own] : apps_) {
    settings.push_back(own.setting);
  }
  return settings;
}

bool counts(const event::Event& event) {
  return event.api != Api::kMobileAnalytics || !event.session_id.empty();
}

std::string_view user_of(const event::Event& event) {
  return event.user_pseudo_id.empty() ? event.user_id : event.user_pseudo_id;
}

bool is_active(const Rules& rules, const event::Event& event) {
  return rules.active_events.empty() ||
         std::ranges::find(rules.active_events, event.event_name) != rules.active_events.end();
}

std::optional<Purchase> purchase_of(const Rules& rules, const event::Event& event) {
  for (const RevenueRule& rule : rules.revenue) {
    if (rule.event == event.event_name) {
      Objects objects(event);
      const std::optional<double> amount = amount_of(rule, event, objects);
      return Purchase{amount, currency_of(rule, event, objects)};
    }
  }
  return std::nullopt;
}

}  // namespace kpi
