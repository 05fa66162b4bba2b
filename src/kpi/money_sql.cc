#include "kpi/money_sql.h"

#include "kpi/event_sql.h"

#include <fmt/format.h>

#include <functional>

namespace kpi {
namespace {

using event::Api;

/// The same as decimal_number(): what `text`, an SQL expression, holds, else NULL. The list has the
/// expression computed once.
std::string number_sql(std::string_view text) {
  return fmt::format(
      "list_transform([{}], lambda t: CASE WHEN length(t) <= 64 AND regexp_full_match(t, "
      "'-?[0-9]+(\\.[0-9]+)?([eE][-+]?[0-9]+)?') AND abs(TRY_CAST(t AS DOUBLE)) <= 1e15 "
      "THEN TRY_CAST(t AS DOUBLE) END)[1]",
      text);
}

/// JSON pointer, unquoted.
std::string pointer_of(std::string_view key) {
  std::string out = "/";
  for (const char c : key) {
    if (c == '~' || c == '/') {
      out.append(c == '~' ? "~0" : "~1");
    } else {
      out += c;
    }
  }
  return out;
}

/// Where the member that `path` names may stand in `object`: the whole path as one key, else member
/// by member. The first that is there.
struct Place {
  std::string pointer;
  std::string condition;  ///< SQL; empty: always.
};
std::vector<Place> places_of(std::string_view object, std::string_view path) {
  std::vector<Place> out;
  std::string parent;
  std::string condition;
  for (;;) {
    out.push_back({parent + pointer_of(path), condition});
    const std::size_t dot = path.find('.');
    if (dot == std::string_view::npos) {
      return out;
    }
    parent += pointer_of(path.substr(0, dot));
    path.remove_prefix(dot + 1);
    // A pointer goes into lists as well.
    condition += fmt::format(" AND json_type({}, {}) = 'OBJECT'", object, sql_text(parent));
  }
}

/// The text of the member that `path` names; of texts alone when `only_text`.
std::string member_sql(std::string_view object, std::string_view path, bool only_text) {
  std::string out = "CASE";
  for (const Place& place : places_of(object, path)) {
    const std::string pointer = sql_text(place.pointer);
    std::string text = fmt::format("{} ->> {}", object, pointer);
    if (only_text) {
      text =
          fmt::format("CASE WHEN json_type({}, {}) = 'VARCHAR' THEN {} END", object, pointer, text);
    }
    out +=
        fmt::format(" WHEN json_exists({}, {}){} THEN {}", object, pointer, place.condition, text);
  }
  return out + " END";
}

std::string amount_of(Api api, const RevenueRule& rule) {
  if (rule.value.empty()) {
    return "CASE WHEN abs(event_value) <= 1e15 THEN event_value END";
  }
  const auto number = [&rule](std::string_view object) {
    return number_sql(member_sql(object, rule.value, false));
  };
  return api == Api::kMobileAnalytics
             ? fmt::format("coalesce({}, {})", number("metrics"), number("attributes"))
             : number("properties");
}

std::string currency_of(Api api, const RevenueRule& rule) {
  if (rule.currency.empty()) {
    return "currency";
  }
  const auto text = [&rule](std::string_view object) {
    return fmt::format("nullif({}, '')", member_sql(object, rule.currency, true));
  };
  return api == Api::kMobileAnalytics
             ? fmt::format("coalesce({}, {})", text("metrics"), text("attributes"))
             : text("properties");
}

/// CASE over every rule: of several rules for one event the first counts.
std::string by_rule(const std::vector<ApiRules>& rules,
                    const std::function<std::string(Api, const RevenueRule&)>& value_of) {
  std::string out = "CASE";
  for (const ApiRules& one : rules) {
    for (const RevenueRule& rule : one.rules->revenue) {
      out += fmt::format(" WHEN api = {} AND event_name = {} THEN {}",
                         sql_text(event::api_name(one.api)), sql_text(rule.event),
                         value_of(one.api, rule));
    }
  }
  return out == "CASE" ? "NULL" : out + " END";
}

std::string named(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) {
    list += (list.empty() ? "" : ", ") + sql_text(name);
  }
  return "event_name IN (" + list + ")";
}

std::string either(const std::vector<std::string>& conditions) {
  std::string out;
  for (const std::string& condition : conditions) {
    out += (out.empty() ? "(" : " OR ") + condition;
  }
  return out.empty() ? "false" : out + ")";
}

}  // namespace

std::string sql_text(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    out.append(c == '\'' ? 2U : 1U, c);
  }
  return out + "'";
}

std::string sql_member(std::string_view key) { return sql_text(pointer_of(key)); }

std::vector<ApiRules> rules_of(const Question& question, const RuleBook& book) {
  std::vector<ApiRules> out;
  for (const Api api :
       {Api::kClickstream, Api::kClevertap, Api::kMobileAnalytics, Api::kSegmentstream}) {
    if (!question.api || question.api == api) {
      out.push_back({api, &book.rules(question.subject.app_id, api)});
    }
  }
  return out;
}

std::string active_sql(const std::vector<ApiRules>& rules) {
  std::vector<std::string> conditions;
  for (const ApiRules& one : rules) {
    const auto& names = one.rules->active_events;
    conditions.push_back(fmt::format("api = {}{}", sql_text(event::api_name(one.api)),
                                     names.empty() ? "" : " AND " + named(names)));
  }
  return either(conditions);
}

std::string buys_sql(const std::vector<ApiRules>& rules) {
  std::vector<std::string> conditions;
  for (const ApiRules& one : rules) {
    std::vector<std::string> names;
    for (const RevenueRule& rule : one.rules->revenue) {
      names.push_back(rule.event);
    }
    if (!names.empty()) {
      conditions.push_back(
          fmt::format("api = {} AND {}", sql_text(event::api_name(one.api)), named(names)));
    }
  }
  return either(conditions);
}

std::string amount_sql(const std::vector<ApiRules>& rules) { return by_rule(rules, amount_of); }

std::string currency_sql(const std::vector<ApiRules>& rules) {
  return fmt::format("upper(coalesce(regexp_extract({}, '^[A-Za-z]{{3}}$'), ''))",
                     by_rule(rules, currency_of));
}

std::string metric_sql(std::string_view name) {
  const std::string pointer = sql_member(name);
  const auto number = [&pointer](std::string_view object) {
    return number_sql(fmt::format("{} ->> {}", object, pointer));
  };
  return fmt::format("CASE WHEN api = 'mobile_analytics' THEN coalesce({}, {}) ELSE {} END",
                     number("metrics"), number("attributes"), number("properties"));
}

std::string attribute_sql(std::string_view name) {
  const std::string pointer = sql_member(name);
  return fmt::format(
      "CASE WHEN api = 'mobile_analytics' THEN attributes ->> {0} ELSE properties ->> {0} END",
      pointer);
}

}  // namespace kpi
