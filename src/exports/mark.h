#pragma once
// What stands between the parts of an export on its way from the process that reads the store to
// the one the command was typed in: up to where in the journal the text before it reaches.

#include "event/record.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace exports {

struct Mark {
  event::Position through = 0;  ///< All rows up to here are in the text so far.
  event::Position last = 0;     ///< Where the run ends, as far as is known: for the progress bar.
  std::int64_t hour = 0;        ///< Of the rows since the mark before, counted from 1970.
};

std::string mark_text(const Mark& mark);
std::optional<Mark> parse_mark(std::string_view text);

}  // namespace exports
