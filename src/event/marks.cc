#include "event/marks.h"

#include "json/value.h"
#include "json/writer.h"

#include <utility>

namespace event {
namespace {

constexpr std::size_t kTextsMax = 100;

}  // namespace

void Marks::add(std::string text) {
  if (texts_.size() == kTextsMax) {
    ++left_out_;
    return;
  }
  texts_.push_back(std::move(text));
}

void Marks::add_repairs(std::uint8_t repairs, std::string_view where) {
  const std::string place(where);
  if ((repairs & json::kInvalidUtf8) != 0) {
    add(place + "bytes that are not UTF-8 were replaced by U+FFFD");
  }
  if ((repairs & json::kLoneSurrogate) != 0) {
    add(place + "lone surrogates were replaced by U+FFFD");
  }
  if ((repairs & json::kHugeNumber) != 0) {
    add(place + "a number beyond the range of a double was stored as text");
  }
  if ((repairs & json::kDuplicateKey) != 0) {
    add(place + "of members with equal keys the last was stored");
  }
}

std::string Marks::to_json() const {
  if (texts_.empty()) {
    return {};
  }
  json::Writer writer;
  writer.begin_array();
  for (const std::string& text : texts_) {
    writer.string(text);
  }
  if (left_out_ > 0) {
    writer.string("and " + std::to_string(left_out_) + " more");
  }
  writer.end_array();
  return std::move(writer).text();
}

}  // namespace event
