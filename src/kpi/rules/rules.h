#pragma once
// Which events count for what: an active user, a purchase and its amount. The loader asks for every
// event it stores, and the SQL of a KPI says the same in SQL; docs/kpis.md says it in words.
// Defaults are each API's; an application may have its own (app settings `active_events` and
// `revenue`).

#include "base/result.h"
#include "event/event.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kpi {

/// An event that means money. Paths name a property, or members of it with dots between; a
/// Mobile Analytics path names a metric, else an attribute.
struct RevenueRule {
  std::string event;
  std::string value;     ///< Empty: the column event_value.
  std::string currency;  ///< Empty: the column currency.
  friend bool operator==(const RevenueRule&, const RevenueRule&) = default;
};

struct Rules {
  /// Events that make their user active on their day and begin a session. Empty: every event does.
  std::vector<std::string> active_events;
  std::vector<RevenueRule> revenue;
  friend bool operator==(const Rules&, const Rules&) = default;
};

/// What an API's own document, or its clients, say.
const Rules& default_rules(event::Api api);

/// The rules of every application that has some of its own. Immutable.
class RuleBook {
 public:
  RuleBook() = default;
  /// `active_events`: names with commas between, or "any"; `revenue`: EVENT:VALUE[:CURRENCY] with
  /// commas between. Empty: the defaults of each API.
  void set(const std::string& app_id, std::string_view active_events, std::string_view revenue);
  /// Lifetime: of the book.
  [[nodiscard]] const Rules& rules(std::string_view app_id, event::Api api) const;
  /// What set() was given for one application.
  struct Setting {
    std::string app_id;
    std::string active_events;
    std::string revenue;
    friend bool operator==(const Setting&, const Setting&) = default;
  };
  /// By application, those of the defaults left out: a book made of them says the same.
  [[nodiscard]] std::vector<Setting> settings() const;

 private:
  struct Own {
    Setting setting;
    std::optional<std::vector<std::string>> active_events;
    std::optional<std::vector<RevenueRule>> revenue;
    std::map<event::Api, Rules> by_api;
  };
  std::map<std::string, Own, std::less<>> apps_;
};

/// kInvalid says what is wrong with the text of a setting.
base::Result<std::vector<std::string>> parse_active_events(std::string_view text);
base::Result<std::vector<RevenueRule>> parse_revenue(std::string_view text);

/// False for a Mobile Analytics event without a session: those are stored and exported, and count
/// only as "ever seen" (the vendor's export guide: reports leave them out).
bool counts(const event::Event& event);
/// Whom an event counts for: its device or client id, else its user id; empty for nobody.
std::string_view user_of(const event::Event& event);
bool is_active(const Rules& rules, const event::Event& event);

struct Purchase {
  std::optional<double> amount;  ///< Nothing when the event names none that counts as a number.
  std::string currency;          ///< Upper case; empty when the event names none.
};
std::optional<Purchase> purchase_of(const Rules& rules, const event::Event& event);

}  // namespace kpi
