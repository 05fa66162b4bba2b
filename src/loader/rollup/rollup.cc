#include "loader/rollup/rollup.h"

#include "codec/hash.h"
#include "kpi/rules/numbers.h"
#include "loader/rollup/changes.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace loader::rollup {
namespace {

using event::Api;
using state::DayValue;
using state::SeriesKind;

DayValue one() {
  DayValue value;
  value.count = 1;
  return value;
}

DayValue value_of(double number) {
  const kpi::Millionths sum = kpi::to_millionths(number);
  return {1, sum.whole, sum.micro, number, number};
}

Hash128 hash_of(const event::Event& event) {
  std::string text = std::to_string(static_cast<int>(event.api)) + ":";
  text.append(std::to_string(event.app_id.size())).append(":");
  text.append(event.app_id).append(kpi::user_of(event));
  return codec::hash128(text);
}

}  // namespace

base::Status Rollup::saw(const event::Event& event, Place place, const kpi::Rules& rules,
                         bool counted) {
  activity_failed_ = false;
  const bool nobody = kpi::user_of(event).empty();
  const Current current{event, place, nobody ? Hash128{} : hash_of(event), nobody, counted};
  if (auto learned = learn(current, FactKind::kSeen); !learned) {
    return learned;
  }
  return kpi::counts(event) ? count(current, rules) : base::ok();
}

base::Status Rollup::count(const Current& current, const kpi::Rules& rules) {
  const event::Event& event = current.event;
  if (!current.counted) {
    if (auto added = add(event, SeriesKind::kEvents, event.event_name, one()); !added) {
      return added;
    }
    if (auto added = count_numbers(event); !added) {
      return added;
    }
  }
  if (const auto purchase = kpi::purchase_of(rules, event)) {
    if (purchase->amount && !current.counted) {
      const DayValue amount = value_of(*purchase->amount);
      if (auto added = add(event, SeriesKind::kRevenue, purchase->currency, amount); !added) {
        return added;
      }
    }
    if (auto learned = learn(current, FactKind::kPurchase); !learned) {
      return learned;
    }
  }
  if (!kpi::is_active(rules, event)) {
    return base::ok();
  }
  if (!current.counted) {
    if (auto added = add(event, SeriesKind::kSessions, {}, one()); !added) {
      return added;
    }
  }
  return learn(current, FactKind::kActive);
}

/// Of a Mobile Analytics event a metric goes before an attribute of the same name.
base::Status Rollup::count_numbers(const event::Event& event) {
  base::Status status = base::ok();
  std::vector<std::string> taken;
  const bool two = event.api == Api::kMobileAnalytics;
  const auto count = [&](std::string_view key, double number) {
    if (status) {
      status =
          state_.series().add({event.app_id, event.api, SeriesKind::kMetric, event.event_name, key},
                              *event.event_date, value_of(number));
    }
  };
  if (!two) {
    kpi::each_number(event.properties, count);
    return status;
  }
  kpi::each_number(event.metrics, [&](std::string_view key, double number) {
    taken.emplace_back(key);
    count(key, number);
  });
  kpi::each_number(event.attributes, [&](std::string_view key, double number) {
    if (std::ranges::find(taken, key) == taken.end()) {
      count(key, number);
    }
  });
  return status;
}

base::Status Rollup::learn(const Current& current, FactKind kind) {
  if (current.nobody) {
    return base::ok();
  }
  const Fact fact{kind, *current.event.event_date};
  auto known = activity_.learn(current.user, current.place, fact);
  activity_failed_ = !known;
  if (!known) {
    return known.error();
  }
  if (!*known || current.counted) {
    return base::ok();
  }
  for (const Change& change : changes_of(**known, fact)) {
    DayValue value;
    value.count = change.by;
    const std::string span = change.span == 0 ? std::string() : std::to_string(change.span);
    auto added = state_.series().add(
        {current.event.app_id, current.event.api, change.kind, span, {}}, change.day, value);
    if (!added) {
      return added;
    }
  }
  return base::ok();
}

base::Status Rollup::add(const event::Event& event, SeriesKind kind, std::string_view name,
                         const DayValue& value) {
  return state_.series().add({event.app_id, event.api, kind, name, {}}, *event.event_date, value);
}

}  // namespace loader::rollup
