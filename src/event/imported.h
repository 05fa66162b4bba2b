#pragma once
// What the journal says of records that came from a vendor's export and not from a client.
// `catchment import` writes these notes; the loader and two decoders read them, so that a rebuild
// decides as the first time. docs/import.md has the whole story.

#include "base/clock.h"
#include "event/record.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace event {

/// Which part of which file a record was made of. Of the records of one application and one such id
/// the first counts; the units of the others are duplicates.
inline constexpr std::string_view kImportNote = "import";
/// When it was imported, epoch microseconds: Record::received_at is when the vendor received it.
inline constexpr std::string_view kImportedAtNote = "imported_at";
/// The format it was read as: "pinpoint-export".
inline constexpr std::string_view kImportedFromNote = "imported_from";
/// "INDEX:COUNT,…": how many units equal to that of INDEX stood before it in the file; 0 where an
/// index is missing. Equal events without an id of their own are told apart by it.
inline constexpr std::string_view kOrdinalsNote = "ordinals";
/// Clickstream: every event belongs to the record's application, whatever its app_id says.
inline constexpr std::string_view kOwnAppNote = "own_app";

/// When the request came to us: the import's time where there was one.
base::Time arrival_of(const Record& record);

/// Reads kOrdinalsNote.
class Ordinals {
 public:
  explicit Ordinals(const Record& record);
  /// Nothing for a record that was not imported.
  [[nodiscard]] std::optional<std::uint32_t> of(std::size_t index) const;

 private:
  bool imported_ = false;
  std::map<std::size_t, std::uint32_t> counts_;
};

}  // namespace event
