#pragma once
// Rows for the table `event` Amazon Mobile Analytics made in Redshift, as CSV (RFC 4180).

#include "exports/shape.h"

#include <memory>

namespace exports {

std::unique_ptr<LineWriter> make_redshift_writer(Owner owner, ChosenColumns chosen);

}  // namespace exports
