#pragma once
// The bytes of a segment: names, headers and checksums, as docs/formats/journal.md lays them out.
// Writer, Reader, recovery and keeper share these and nothing else knows them. Pure functions.

#include "base/clock.h"
#include "base/result.h"
#include "event/record.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace segment {

using event::Position;

inline constexpr std::uint32_t kFormatVersion = 1;
inline constexpr std::size_t kHeaderBytes = 36;
inline constexpr std::size_t kRecordHeaderBytes = 20;
/// A longer payload is damage; keeps a damaged length from asking for memory.
inline constexpr std::size_t kPayloadBytesMax = std::size_t{64} << 20U;

struct Header {
  /// Random; mixed into every record header's checksum. So neither blocks of an older file nor
  /// bytes that a client put into a body can pass for a record of this segment.
  std::uint32_t salt = 0;
  Position first = 0;  ///< Of the first record; also the file's name.
  base::Time created{};
};

std::string encode_header(const Header& header);
/// kCorrupt when the bytes are not what was written, kInvalid for a version of a newer program.
base::Result<Header> decode_header(std::string_view bytes);

struct RecordHeader {
  std::uint32_t check = 0;  ///< CRC-32C of the other fields, exclusive or the salt.
  std::uint32_t payload_bytes = 0;
  Position position = 0;
  std::uint32_t payload_check = 0;  ///< CRC-32C of the payload.
};

/// Appends header and payload to `out`.
void encode_record(std::string& out, std::uint32_t salt, Position position,
                   std::string_view payload);
/// Takes the fields apart; `bytes` has kRecordHeaderBytes or more.
RecordHeader split_record_header(std::string_view bytes);
/// What `check` is when the salt is 0.
std::uint32_t record_header_check(std::string_view bytes);

std::uint32_t get_u32(std::string_view bytes, std::size_t offset);
std::uint64_t get_u64(std::string_view bytes, std::size_t offset);
void put_u32(std::string& out, std::uint32_t value);
void put_u64(std::string& out, std::uint64_t value);

/// A file of the journal by its name: the first position in 20 digits, then ".seg" or ".seg.zst".
struct Name {
  Position first = 0;
  bool compressed = false;
  [[nodiscard]] std::string text() const;
  friend bool operator==(const Name&, const Name&) = default;
};
std::optional<Name> parse_name(std::string_view name);

}  // namespace segment
