#pragma once
// What one line of an export becomes on its way to the journal.

#include "base/clock.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace imports {

/// One event, profile or request, as a client would have sent it. Units that agree in all but
/// `body` and `same_as` came in one request, as far as anybody can tell, and travel in one record.
struct Unit {
  base::Time received_at{};
  std::string request_id;
  std::string target;
  std::string peer_ip;
  std::string user_agent;
  std::vector<std::pair<std::string_view, std::string>> headers;
  std::string body;
  /// Units of one file are equal when this is; empty: they have ids of their own.
  std::string same_as;
  bool needs_hit_id = false;  ///< SegmentStream: made of `same_as`.
};

/// Why a line, or a part of it, is put aside.
struct Trouble {
  std::string reason;
  std::string text;  ///< What is kept; empty: the whole line.
};

/// Of one line.
struct Parsed {
  std::vector<Unit> units;
  std::vector<Trouble> troubles;

  void refuse(std::string reason, std::string text = {}) {
    troubles.push_back({std::move(reason), std::move(text)});
  }
};

}  // namespace imports
