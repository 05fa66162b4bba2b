#pragma once
// The reserved fields of a profile and what their values must look like.

#include "api/clevertap/problem.h"
#include "json/value.h"

#include <optional>
#include <string_view>

namespace api::clevertap {

/// Checks the reserved fields in the order the vendor does; the first that is wrong is reported. A
/// field that is missing, null or a command is right.
std::optional<Problem> check_profile_fields(json::Value profile_data);

/// True for fields that do not count as properties of one's own.
bool is_reserved_field(std::string_view key);

}  // namespace api::clevertap
