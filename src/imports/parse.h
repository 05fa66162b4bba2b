#pragma once
// Lines of export files -> units. Pure: a line, what was read before it in its file, nothing else.

#include "imports/format.h"
#include "imports/unit.h"
#include "json/value.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace imports {

/// Reads the lines of one file, from the first on.
class Parser {
 public:
  Parser() = default;
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;
  virtual ~Parser() = default;

  virtual Parsed parse(std::string_view line) = 0;
};

/// The line as a JSON object. Nothing when it is none: then `out` refuses it and says why.
std::optional<json::Document> read_object(std::string_view line, Parsed& out);

std::unique_ptr<Parser> make_parser(const Reading& reading);

// One for each format; docs/import.md shows what they read.
std::unique_ptr<Parser> make_mobile_analytics_parser(const Reading& reading);
std::unique_ptr<Parser> make_clickstream_parser(const Reading& reading);
std::unique_ptr<Parser> make_clevertap_parser(const Reading& reading);
std::unique_ptr<Parser> make_segmentstream_parser(const Reading& reading);

}  // namespace imports
