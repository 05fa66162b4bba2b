#pragma once
// A wire format for tests that is easy to write: one unit a line.
//
//     event ID NAME DEVICE     "-" for no id; a NAME of "buy" has two items
//     user ID NAME USER        an event of a known user
//     profile USER KEY VALUE   a booked profile record; a fourth word is its id
//     bad REASON               a rejection
//     throw                    a decoder that fails
//     poison ID                an event the store refuses

#include "event/event.h"
#include "event/record.h"

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace loader {

inline std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words(1);
  for (const char c : line) {
    if (c == ' ') {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  words.resize(std::max<std::size_t>(words.size(), 4));
  return words;
}

inline void decode_line(std::string_view line, const event::Record& record,
                        event::Decoded& decoded) {
  const std::vector<std::string> words = words_of(line);
  if (words[0] == "throw") {
    throw std::runtime_error("cannot read this");
  }
  if (words[0] == "bad") {
    event::Rejection rejection;
    rejection.index = static_cast<std::uint32_t>(decoded.rejections.size());
    rejection.code = "bad";
    rejection.reason = words[1];
    rejection.record = line;
    decoded.rejections.push_back(rejection);
    return;
  }
  if (words[0] == "profile") {
    event::ProfileChange change;
    change.identities = {{"user", words[1]}};
    change.time_us = base::to_us(record.received_at);
    change.properties = {{words[2], event::PropertyOp::kIncrement, words[3], 1000}};
    change.booked = true;
    change.change_id = words.size() > 4 ? words[4] : "";
    decoded.profiles.push_back(change);
    return;
  }
  event::Event event;
  event.event_id = words[1] == "-" ? "" : words[1];
  event.event_name = words[0] == "poison" ? "poison" : words[2];
  event.event_timestamp = base::to_us(record.received_at);
  event.person.identities = {{words[0] == "user" ? "user" : "device", words[3]}};
  event.items.resize(words[2] == "buy" ? 2 : 0);
  decoded.events.push_back(std::move(event));
}

inline event::Decoded decode_lines(const event::Record& record) {
  event::Decoded decoded;
  std::string_view text = record.body;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    decode_line(text.substr(0, end), record, decoded);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return decoded;
}

}  // namespace loader
