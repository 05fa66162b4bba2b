#pragma once
// What one step of the loader gathers before it is kept. A value, handed from the RecordHandler to
// the Stepper.

#include "base/result.h"
#include "event/record.h"
#include "loader/parts.h"
#include "loader/state/state.h"
#include "store/store.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace loader {

using event::Position;

/// Which projections do not have a record yet, and whether its units were told of.
struct Needs {
  bool rows = false;
  bool state = false;
  bool activity = false;
  bool told = true;
  [[nodiscard]] bool any() const { return rows || state || activity; }
};

/// Whose failure an error is. kLost: state or ids know records that the journal lost.
enum class Part : std::uint8_t { kJournal, kIds, kActivity, kState, kStore, kLost };

struct NewName {
  std::string app_id;
  event::Api api = event::Api::kClickstream;
  std::string name;
};

struct Step {
  Position through = 0;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;                     ///< Of the records and of the rows they made, about.
  std::shared_ptr<const kpi::RuleBook> rules;  ///< Those its records are counted by.
  store::Batch batch;                          ///< Rows the store does not have yet.
  std::uint64_t rows_appended = 0;             ///< How many went before them,
  std::uint64_t bytes_before = 0;              ///< and `bytes` at that time.
  std::vector<NewName> names;
  std::vector<state::IdempotentAnswer> answers;
  Handled handled;
  Part failed = Part::kJournal;  ///< Set before a call that may fail.

  [[nodiscard]] std::uint64_t rows() const {
    return rows_appended + batch.events.size() + batch.items.size() + batch.rejected.size();
  }
};

}  // namespace loader
