#include "simulation/shrink.h"

#include "simulation/world.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace simulation {
namespace {

constexpr int kRoundsMax = 20;

bool fails(const History& history) { return !World(history).play().failure.empty(); }

/// Drops runs of elements of `list`, long ones first, as long as the history fails without them.
template <class List>
bool drop_some(History& history, List& list, std::size_t least) {
  bool dropped = false;
  for (std::size_t length = list.size(); length >= 1; length /= 2) {
    for (std::size_t at = 0; at + length <= list.size() && list.size() - length >= least;) {
      const List before = list;
      const auto begin = list.begin() + static_cast<std::ptrdiff_t>(at);
      list.erase(begin, begin + static_cast<std::ptrdiff_t>(length));
      if (fails(history)) {
        dropped = true;
      } else {
        list = before;
        at += length;
      }
    }
  }
  return dropped;
}

bool lower_numbers(History& history) {
  bool lowered = false;
  for (std::size_t at = 0; at < history.actions.size(); ++at) {
    const std::int64_t before = history.actions[at].number;
    for (const std::int64_t smaller : {std::int64_t{1}, before / 2, before - 1}) {
      if (smaller < 1 || smaller >= history.actions[at].number) {
        continue;
      }
      const std::int64_t kept = std::exchange(history.actions[at].number, smaller);
      if (fails(history)) {
        lowered = true;
        break;
      }
      history.actions[at].number = kept;
    }
  }
  return lowered;
}

}  // namespace

History shrink(History history) {
  bool smaller = true;
  for (int round = 0; smaller && round < kRoundsMax; ++round) {
    smaller = drop_some(history, history.actions, 0);
    for (Action& action : history.actions) {
      smaller = drop_some(history, action.requests, 1) || smaller;
      for (Request& request : action.requests) {
        smaller = drop_some(history, request.units, 1) || smaller;
      }
    }
    smaller = lower_numbers(history) || smaller;
  }
  return history;
}

}  // namespace simulation
