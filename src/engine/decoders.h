#pragma once
// The decoders of all APIs, as the loader runs them.

#include "loader/parts.h"

#include <map>

namespace engine {

std::map<event::Api, loader::Decoder> all_decoders();

}  // namespace engine
