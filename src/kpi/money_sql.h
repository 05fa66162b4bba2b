#pragma once
// What rules.h and numbers.h say, as SQL expressions over columns of `event`. Private to this room.

#include "event/record.h"
#include "kpi/question.h"
#include "kpi/rules/rules.h"

#include <string>
#include <string_view>
#include <vector>

namespace kpi {

/// The rules of one API of an application.
struct ApiRules {
  event::Api api = event::Api::kClickstream;
  const Rules* rules = nullptr;
};
/// Of every API that the question is about. Lifetime: of the book.
std::vector<ApiRules> rules_of(const Question& question, const RuleBook& book);

std::string active_sql(const std::vector<ApiRules>& rules);
std::string buys_sql(const std::vector<ApiRules>& rules);
/// What a purchase was worth, as a number; NULL when it names none.
std::string amount_sql(const std::vector<ApiRules>& rules);
/// Its currency in capitals, "" when it names none.
std::string currency_sql(const std::vector<ApiRules>& rules);

/// The number that events have under a name.
std::string metric_sql(std::string_view name);
/// The text that events have under a name.
std::string attribute_sql(std::string_view name);

}  // namespace kpi
