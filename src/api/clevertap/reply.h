#pragma once
// The bodies of this API's answers.

#include "event/event.h"

#include <string>
#include <string_view>

namespace api::clevertap {

/// {"status":"partial","processed":1,"unprocessed":[{"status":"fail","code":515,...}]}; always with
/// "unprocessed", which the old Ruby client asks for its length. Each refused record as sent.
std::string upload_answer(const event::Decoded& decoded);

/// {"status":"fail","error":"Malformed request","code":400}
std::string failure_answer(int status, std::string_view error);

}  // namespace api::clevertap
