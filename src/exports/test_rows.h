#pragma once
// Rows for the tests of this room: events as the store would hand them over.

#include "event/columns.h"
#include "exports/row.h"

#include <algorithm>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace exports {

/// The fields of `event` under `columns`. Lifetime: as long as `event`.
inline std::vector<store::Field> fields_of(const event::Event& row,
                                           std::span<const std::string_view> columns) {
  std::vector<store::Field> out;
  for (const std::string_view name : columns) {
    store::Field& field = out.emplace_back();
    const auto all = event::event_columns();
    const auto found = std::ranges::find(all, name, &event::Column<event::Event>::name);
    if (const auto* text = std::get_if<std::string event::Event::*>(&found->field)) {
      field.text = row.**text;
      field.null = field.text.empty();
    } else if (const auto* number = std::get_if<event::Int event::Event::*>(&found->field)) {
      field.null = !(row.**number).has_value();
      field.integer = (row.**number).value_or(0);
    } else if (std::holds_alternative<event::Api event::Event::*>(found->field)) {
      field.null = false;
      field.text = event::api_name(row.api);
    }
  }
  return out;
}

}  // namespace exports
