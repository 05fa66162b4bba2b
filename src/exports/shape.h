#pragma once
// The forms an event can leave in: the records Amazon Mobile Analytics exported (nested), those its
// streams held (flat), and rows for its tables in Redshift. docs/export.md has the columns of each.

#include "exports/row.h"
#include "registry/app.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace exports {

enum class Shape : std::uint8_t { kNested, kFlat, kRedshift, kParquet };

/// "mobile-analytics-nested", "mobile-analytics-flat", "redshift-csv", "parquet".
std::string_view shape_name(Shape shape);
std::optional<Shape> shape_from_name(std::string_view name);

/// What the application says about itself, beside its rows.
struct Owner {
  std::string app_id;
  std::string account_id;
  std::string cognito_identity_pool_id;
  std::map<std::string, std::string, std::less<>> cognito_ids;  ///< By AWS access key id.
  /// Of rows that do not say which key signed: the identity all of the application's AWS keys
  /// have, if it is one.
  std::string common_cognito_id;
};
Owner owner_of(const registry::App& app);

/// Columns `a_NAME` and `m_NAME` of kRedshift, by the names of attributes and metrics.
struct ChosenColumns {
  std::vector<std::string> attributes;
  std::vector<std::string> metrics;
};

/// Writes one event as one line. Threads: one at a time.
class LineWriter {
 public:
  LineWriter() = default;
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;
  virtual ~LineWriter() = default;

  /// The line before all others; "" where the shape has none.
  [[nodiscard]] virtual std::string header() const { return {}; }
  /// Appends the event's line, with its line break.
  virtual void write(const Row& row, std::string& out) = 0;
};

/// nullptr for kParquet, which has no lines.
std::unique_ptr<LineWriter> make_line_writer(Shape shape, Owner owner, ChosenColumns chosen);

}  // namespace exports
