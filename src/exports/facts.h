#pragma once
// What the shapes have in common: facts of an event that are more than one column.

#include "exports/row.h"
#include "exports/shape.h"
#include "json/writer.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace exports {

/// The Mobile Analytics app id in a client context. Rows of one request repeat their context, so
/// the last one is remembered.
class AppIds {
 public:
  /// `fallback` where the context has none.
  std::string_view of(const Row& row, std::string_view fallback);

 private:
  std::string context_;
  std::string app_id_;
};

/// "" where nobody knows.
std::string_view cognito_id(const Row& row, const Owner& owner);

/// Members with a value; nothing is written where there is none.
void write_text(json::Writer& out, std::string_view key, std::string_view text);
void write_number(json::Writer& out, std::string_view key, std::optional<std::int64_t> number);

/// Members of the event's attributes into the open object, every value as text; `each` is told
/// every name. For events of other APIs these are their properties.
void write_attributes(json::Writer& out, const Row& row,
                      const std::function<void(std::string_view)>& each = {});
/// The member `metrics`, an object.
void write_metrics(json::Writer& out, const Row& row);

}  // namespace exports
