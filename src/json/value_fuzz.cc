// Any bytes through the parser: what it accepts must be valid JSON when written out, for simdjson's
// own parser too, and read back as the same text. What that parser or the skimmer accepts, ours
// must accept.

#include "base/check.h"
#include "json/skim.h"
#include "json/utf8.h"
#include "json/value.h"

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

bool is_json(std::string_view text) {
  simdjson::dom::parser parser;
  return parser.parse(text.data(), text.size()).error() == simdjson::SUCCESS;
}

bool skims(std::string_view text) {
  json::Skimmer skimmer(text);
  return skimmer.skip() && skimmer.at_end();
}

/// `json`, which is valid, with a line's end behind every bracket and comma: then nothing of it is
/// written by copying what was sent.
std::string spread(std::string_view json) {
  std::string out;
  bool inside = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    out += json[i];
    if (inside && json[i] == '\\') {
      out += json[++i];
    } else if (json[i] == '"') {
      inside = !inside;
    } else if (!inside && (json[i] == '{' || json[i] == '[' || json[i] == ',')) {
      out += '\n';
    }
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const base::Result<json::Document> document = json::Document::parse(text);
  if (!document) {
    CHECK(document.error().code == base::Code::kTooLarge || !skims(text));
    CHECK(json::is_utf8(document.error().message));
    CHECK(document.error().code == base::Code::kTooLarge || !is_json(text));
    return 0;
  }
  const std::string written = json::write(document->root());
  CHECK(is_json(written));
  const base::Result<json::Document> again = json::Document::parse(written);
  CHECK(again.has_value());
  CHECK(again->repairs() == 0);
  CHECK(json::write(again->root()) == written);
  const base::Result<json::Document> apart = json::Document::parse(spread(written));
  CHECK(apart.has_value());
  CHECK(json::write(apart->root()) == written);
  return 0;
}
