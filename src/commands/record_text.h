#pragma once
// A journal record as one JSON object, for `journal cat` and `rejected show`.

#include "event/record.h"

#include <string>
#include <string_view>

namespace commands {

/// Everything the record holds; the body as text where it is UTF-8, else as "body_base64". Bytes
/// that are no record give the position and an "error".
std::string record_json(event::Position position, std::string_view bytes);

}  // namespace commands
