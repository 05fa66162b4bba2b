// Answers as rows: CSV and tables.

#include "base/text.h"
#include "kpi/render.h"
#include "kpi/text_table.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace kpi {
namespace {

/// One line of an answer.
struct Line {
  std::string date;
  std::string group;
  std::string currency;
  Value value;
};

std::vector<Line> lines_of(const Answer& answer) {
  std::vector<Line> out;
  for (const Series& series : answer.series) {
    for (const Point& point : series.points) {
      const Line line{date_of(point.day), series.group.value_or(""), answer.currency, point.value};
      if (point.currencies.empty() || answer.one_currency) {
        out.push_back(line);
        continue;
      }
      for (const auto& [currency, value] : point.currencies) {
        out.push_back({line.date, line.group, currency, value});
      }
    }
  }
  return out;
}

std::vector<std::string> heading_of(const Answer& answer) {
  std::vector<std::string> out = {"date"};
  if (!answer.group_by.empty()) {
    out.push_back(answer.group_by);
  }
  if (answer.kpi.unit == Unit::kCurrency) {
    out.emplace_back("currency");
  }
  out.emplace_back("value");
  return out;
}

std::vector<std::string> cells_of(const Answer& answer, const Line& line, std::string value) {
  std::vector<std::string> out = {line.date};
  if (!answer.group_by.empty()) {
    out.push_back(line.group);
  }
  if (answer.kpi.unit == Unit::kCurrency) {
    out.push_back(line.currency);
  }
  out.push_back(std::move(value));
  return out;
}

void add_csv_line(const std::vector<std::string>& cells, std::string& out) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    out.append(i == 0 ? "" : ",");
    base::append_csv_field(cells[i], out);
  }
  out.append("\r\n");
}

}  // namespace

std::string to_csv(const Answer& answer) {
  std::string out;
  add_csv_line(heading_of(answer), out);
  for (const Line& line : lines_of(answer)) {
    add_csv_line(cells_of(answer, line, to_text(line.value)), out);
  }
  return out;
}

std::string to_table(const Answer& answer, const TableStyle& style) {
  const std::vector<Line> lines = lines_of(answer);
  // Amounts of different currencies cannot be compared.
  std::map<std::string, double> most;
  for (const Line& line : lines) {
    double& known = most[line.currency];
    known = std::max(known, to_double(line.value));
  }
  const std::vector<std::string> heading = heading_of(answer);
  TextTable table(heading, heading.size() - 1);
  for (const Line& line : lines) {
    table.add(cells_of(answer, line, is_null(line.value) ? "-" : short_text(line.value)),
              most[line.currency] > 0 ? to_double(line.value) / most[line.currency] : 0);
  }
  std::string out = table.text(style.bars ? style.columns : 0);
  for (const Series& series : answer.series) {
    if (!is_null(series.total)) {
      out.append("total ").append(series.group.value_or(""));
      out.append(series.group ? " " : "").append(to_text(series.total)).append("\n");
    }
  }
  return out;
}

}  // namespace kpi
