#include "api/segmentstream/basic_auth.h"

#include "codec/text.h"

#include <optional>
#include <string>

namespace api::segmentstream {
namespace {

bool starts_with_basic(std::string_view text) {
  constexpr std::string_view kScheme = "basic ";
  if (text.size() < kScheme.size()) {
    return false;
  }
  for (std::size_t index = 0; index < kScheme.size(); ++index) {
    const char letter = text[index];
    const char lower =
        letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    if (lower != kScheme[index]) {
      return false;
    }
  }
  return true;
}

}  // namespace

const registry::App* find_app_by_basic(const registry::Snapshot& snapshot,
                                       std::string_view authorization) {
  if (!starts_with_basic(authorization)) {
    return nullptr;
  }
  const std::optional<std::string> decoded = codec::decode_base64(authorization.substr(6));
  if (!decoded || decoded->empty()) {
    return nullptr;
  }
  const std::string_view text = *decoded;
  if (const registry::App* const app = snapshot.app_by_segmentstream_token(text)) {
    return app;
  }
  // A token may hold colons itself, so each one may be the end of it.
  constexpr int kColonsMax = 16;
  std::size_t colon = text.rfind(':');
  for (int tried = 0; tried < kColonsMax && colon != std::string_view::npos && colon > 0; ++tried) {
    if (const registry::App* const app =
            snapshot.app_by_segmentstream_token(text.substr(0, colon))) {
      return app;
    }
    colon = text.rfind(':', colon - 1);
  }
  return nullptr;
}

}  // namespace api::segmentstream
