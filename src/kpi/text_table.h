#pragma once
// Columns aligned under their names, texts to the left and numbers to the right, and bars. Private
// to this room.

#include "kpi/answer.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace kpi {

class TextTable {
 public:
  /// The first `texts` columns are texts, the others numbers.
  TextTable(std::vector<std::string> heading, std::size_t texts);
  /// `share`: of the longest bar, 0 to 1.
  void add(std::vector<std::string> cells, double share);
  /// Bars use what is left of `columns`; 0: there are none.
  [[nodiscard]] std::string text(std::size_t columns) const;

 private:
  struct Row {
    std::vector<std::string> cells;
    double share = 0;
  };
  [[nodiscard]] std::vector<std::size_t> widths() const;
  std::size_t texts_;
  std::vector<Row> rows_;  // the heading first
};

/// A value for people: quotients with four digits behind the point.
std::string short_text(const Value& value);

}  // namespace kpi
