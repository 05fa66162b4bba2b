#include "loader/units.h"

#include <charconv>

namespace loader {

std::uint64_t units_of(const event::Record& record) {
  std::uint64_t units = 1;
  if (const auto note = record.note("units")) {
    std::from_chars(note->data(), note->data() + note->size(), units);
  }
  return units;
}

}  // namespace loader
