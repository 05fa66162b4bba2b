#include "kpi/text_table.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace kpi {
namespace {

constexpr std::size_t kBarMin = 8;
constexpr std::size_t kBarMax = 40;

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// To an eighth of a character.
std::string bar(double share, std::size_t width) {
  static constexpr std::array<std::string_view, 8> kParts = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const double clamped = std::clamp(share, 0.0, 1.0);
  const auto eighths =
      static_cast<std::size_t>(std::lround(clamped * 8 * static_cast<double>(width)));
  std::string out;
  for (std::size_t i = 0; i < eighths / 8; ++i) {
    out.append("█");
  }
  return out.append(kParts.at(eighths % 8));
}

}  // namespace

TextTable::TextTable(std::vector<std::string> heading, std::size_t texts) : texts_(texts) {
  add(std::move(heading), 0);
}

void TextTable::add(std::vector<std::string> cells, double share) {
  for (std::string& cell : cells) {
    cell = base::printable(cell);
  }
  rows_.push_back({std::move(cells), share});
}

std::vector<std::size_t> TextTable::widths() const {
  std::vector<std::size_t> out(rows_.front().cells.size());
  for (const Row& row : rows_) {
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      out[i] = std::max(out[i], width_of(row.cells[i]));
    }
  }
  return out;
}

std::string TextTable::text(std::size_t columns) const {
  const std::vector<std::size_t> width = widths();
  std::size_t used = 0;
  for (const std::size_t one : width) {
    used += one + 2;
  }
  const std::size_t left = std::min(columns > used ? columns - used : 0, kBarMax);
  std::string out;
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    const Row& row = rows_[r];
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      const std::string padding(width[i] - width_of(row.cells[i]), ' ');
      out.append(i < texts_ ? row.cells[i] + padding : padding + row.cells[i]);
      out.append(i + 1 == row.cells.size() ? "" : "  ");
    }
    if (r != 0 && left >= kBarMin && row.share > 0) {
      out.append("  ").append(bar(row.share, left));
    }
    out += '\n';
    for (std::size_t i = 0; r == 0 && i < width.size(); ++i) {
      out.append(width[i], '-').append(i + 1 == width.size() ? "\n" : "  ");
    }
  }
  return out;
}

std::string short_text(const Value& value) {
  const auto* real = std::get_if<double>(&value);
  if (real == nullptr || *real == std::floor(*real)) {
    return to_text(value);
  }
  return fmt::format("{:.4f}", *real);
}

}  // namespace kpi
