#pragma once
// What became of one request, by the journal position its answer named: it is in the journal, and
// once the loader has passed it, what its units were made into. Asked by /api/v1/receipts and
// `catchment receipt`; costs one look into the journal, two counts in the store, and for records of
// profiles one look into the state.

#include "base/result.h"
#include "engine/pipeline.h"
#include "event/record.h"
#include "io/file_system.h"

#include <cstdint>
#include <optional>
#include <string>

namespace engine {

struct Receipt {
  event::Position position = 0;
  /// From the record; absent when a limit on the journal's age or size has removed it.
  struct Journalled {
    base::Time received_at{};
    std::string app_id;
    event::Api api = event::Api::kClickstream;
    std::string request_id;
    bool refused = false;  ///< Kept although the client was told no.
  };
  std::optional<Journalled> journalled;
  /// Absent until the loader is past it. Units as in the books; `rejected` counts what is put aside
  /// now, without what was replayed since.
  struct Loaded {
    std::uint64_t stored = 0;
    std::uint64_t duplicate = 0;
    std::uint64_t rejected = 0;
  };
  std::optional<Loaded> loaded;
};

struct ReceiptRequest {
  event::Position position = 0;
  std::string app_id;  ///< Only a record of this application; empty: of any.
};

/// kNotFound for a position no request was given, or one of another application; kCorrupt for a
/// damaged record. Reads files.
base::Result<Receipt> find_receipt(io::FileSystem& files, Pipeline& pipeline,
                                   const ReceiptRequest& request);

std::string receipt_json(const Receipt& receipt);

}  // namespace engine
