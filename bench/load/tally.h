#pragma once
// What a load counts. Each worker keeps one Tally, added up when all have ended. "Measured" is what
// was answered behind the warm-up and before the end; "total" is everything, to be held against
// what is stored.

#include "load/events.h"
#include "load/histogram.h"

#include <array>
#include <cstdint>
#include <map>
#include <string>

namespace load {

struct Count {
  std::uint64_t requests = 0;
  std::uint64_t events = 0;

  void add(unsigned more_events) {
    ++requests;
    events += more_events;
  }
  void add(const Count& other) {
    requests += other.requests;
    events += other.events;
  }
};

struct Tally {
  // Measured.
  std::array<Count, kApis.size()> acknowledged;
  Count finished;  ///< Acknowledged or failed.
  std::map<int, std::uint64_t> statuses;
  Histogram latency;  ///< Of acknowledged requests.

  // Total.
  Count sent;
  Count acknowledged_total;
  Count unanswered;          ///< Sent, and then the connection closed or the time was up.
  std::uint64_t unsent = 0;  ///< Were due by the rate, and no connection was free until the end.
  std::uint64_t pushed_back = 0;  ///< Answered 429 or 503.
  std::uint64_t reconnects = 0;
  std::uint64_t request_bytes = 0;
  std::uint64_t body_bytes = 0;
  std::string first_error;

  void add(const Tally& other);
  void note_error(const std::string& text) {
    if (first_error.empty()) {
      first_error = text;
    }
  }
};

}  // namespace load
