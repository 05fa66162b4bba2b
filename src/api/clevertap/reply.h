#pragma once
// The bodies of this API's answers.

#include "event/event.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace api::clevertap {

/// {"status":"partial","processed":1,"unprocessed":[{"status":"fail","code":515,...}]}; always with
/// "unprocessed", which the old Ruby client asks for its length. Each refused record as sent.
std::string upload_answer(std::size_t processed, const std::vector<event::Rejection>& unprocessed);

/// {"status":"fail","error":"Malformed request","code":400}
std::string failure_answer(int status, std::string_view error);

}  // namespace api::clevertap
