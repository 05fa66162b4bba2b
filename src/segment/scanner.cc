#include "segment/scanner.h"

#include "codec/hash.h"

#include <algorithm>

namespace segment {
namespace {

constexpr std::size_t kReadAheadBytes = std::size_t{128} << 10U;

bool all_zero(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == std::string_view::npos;
}

Piece damaged(std::uint64_t end, std::string reason) {
  return {Piece::Kind::kDamaged, {}, end, std::move(reason)};
}

}  // namespace

Position position_limit(Position expected, std::uint64_t offset, std::uint64_t file_bytes) {
  return expected + (file_bytes > offset ? (file_bytes - offset) / kRecordHeaderBytes : 0);
}

base::Status Scanner::fill(std::uint64_t offset, std::size_t bytes) {
  const std::uint64_t buffer_end = buffer_offset_ + buffer_.size();
  if (offset >= buffer_offset_ && offset + bytes <= buffer_end) {
    return base::ok();
  }
  buffer_offset_ = offset;
  buffer_.resize(std::max(bytes, kReadAheadBytes));
  const base::Result<std::size_t> got = source_.read_at(offset, buffer_);
  if (!got) {
    buffer_.clear();
    return got.error();
  }
  buffer_.resize(*got);
  return base::ok();
}

/// Up to `bytes` bytes at `offset`; fewer only at the end of the file.
base::Result<std::string_view> Scanner::view(std::uint64_t offset, std::size_t bytes) {
  if (const base::Status filled = fill(offset, bytes); !filled) {
    return filled.error();
  }
  const std::size_t start = std::min<std::size_t>(offset - buffer_offset_, buffer_.size());
  return std::string_view(buffer_).substr(start, bytes);
}

/// What is read ahead from `offset` on; less than a record header only at the end of the file.
base::Result<std::string_view> Scanner::rest(std::uint64_t offset) {
  if (const base::Status filled = fill(offset, kRecordHeaderBytes); !filled) {
    return filled.error();
  }
  return std::string_view(buffer_).substr(
      std::min<std::size_t>(offset - buffer_offset_, buffer_.size()));
}

base::Status Scanner::open() {
  const base::Result<std::string_view> bytes = view(0, kHeaderBytes);
  if (!bytes) {
    return bytes.error();
  }
  base::Result<Header> header = decode_header(*bytes);
  if (header && header->first != first_) {
    header = base::fail(base::Code::kCorrupt, "segment header says first position " +
                                                  std::to_string(header->first) + ", its name " +
                                                  std::to_string(first_));
  }
  if (header) {
    header_ = *header;
    salt_ = header_.salt;
    return base::ok();
  }
  if (header.error().code != base::Code::kCorrupt) {
    return header.error();
  }
  header_ = {};
  header_.first = first_;
  header_damage_ = header.error().message;
  return take_salt_of_a_record();
}

/// The first record first. A damaged frame takes that one along with the header, so the index of a
/// compressed segment is asked for the first record of every other block.
base::Status Scanner::take_salt_of_a_record() {
  Place place{kHeaderBytes, first_};
  Position below = ~Position{0};
  for (;;) {
    const base::Result<std::optional<std::uint32_t>> salt = salt_of(place);
    if (!salt) {
      return salt.error();
    }
    if (*salt) {
      salt_ = *salt;
      header_.salt = **salt;
      return base::ok();
    }
    place = source_.place_of(below);
    if (place.position <= first_) {
      return base::ok();
    }
    below = place.position - 1;
  }
}

/// The payload's own checksum carries no salt, so a whole record gives the salt away.
base::Result<std::optional<std::uint32_t>> Scanner::salt_of(Place place) {
  std::optional<std::uint32_t> salt;
  const base::Result<std::string_view> head = view(place.offset, kRecordHeaderBytes);
  if (!head) {
    return head.error();
  }
  if (head->size() < kRecordHeaderBytes) {
    return salt;
  }
  const RecordHeader record = split_record_header(*head);
  if (record.position != place.position || record.payload_bytes > kPayloadBytesMax) {
    return salt;
  }
  const std::uint32_t check = record_header_check(*head);
  const base::Result<std::string_view> payload =
      view(place.offset + kRecordHeaderBytes, record.payload_bytes);
  if (!payload) {
    return payload.error();
  }
  if (payload->size() == record.payload_bytes && codec::crc32c(*payload) == record.payload_check) {
    salt = record.check ^ check;
  }
  return salt;
}

base::Result<Piece> Scanner::read(std::uint64_t offset, Position expected) {
  const base::Result<std::string_view> head = view(offset, kRecordHeaderBytes);
  if (!head) {
    return head.error();
  }
  if (all_zero(*head)) {
    return Piece{Piece::Kind::kNothing, {}, offset + 1, {}};
  }
  if (head->size() < kRecordHeaderBytes) {
    return damaged(offset + 1, "file ends inside a record header");
  }
  const RecordHeader record = split_record_header(*head);
  if (!salt_) {
    return damaged(offset + 1, "record cannot be checked, the segment's salt is lost");
  }
  if ((record_header_check(*head) ^ *salt_) != record.check) {
    return damaged(offset + 1, "record header fails its checksum");
  }
  if (record.position != expected) {
    return damaged(offset, "record " + std::to_string(record.position) + " lies where record " +
                               std::to_string(expected) + " was expected");
  }
  if (record.payload_bytes > kPayloadBytesMax) {
    return damaged(offset + 1, "record of " + std::to_string(record.payload_bytes) +
                                   " bytes is larger than any");
  }
  const std::size_t bytes = kRecordHeaderBytes + record.payload_bytes;
  const base::Result<std::string_view> whole = view(offset, bytes);
  if (!whole) {
    return whole.error();
  }
  if (whole->size() < bytes) {
    return damaged(offset + 1, "file ends inside a record");
  }
  const std::string_view payload = whole->substr(kRecordHeaderBytes);
  if (codec::crc32c(payload) != record.payload_check) {
    return damaged(offset + bytes, "record fails its checksum");
  }
  return Piece{Piece::Kind::kRecord, payload, offset + bytes, {}};
}

base::Result<std::optional<Place>> Scanner::find(std::uint64_t offset, Position low,
                                                 Position high) {
  for (;;) {
    const base::Result<std::string_view> chunk = rest(offset);
    if (!chunk) {
      return chunk.error();
    }
    if (chunk->size() < kRecordHeaderBytes) {
      return std::optional<Place>();
    }
    const std::size_t starts = chunk->size() - kRecordHeaderBytes + 1;
    std::size_t at = 0;
    // The position is the cheapest thing to test, and nearly every offset fails it.
    while (at < starts && get_u64(*chunk, at + 8) - low > high - low) {
      ++at;
    }
    offset += at;
    if (at == starts) {
      continue;
    }
    const Position position = get_u64(*chunk, at + 8);
    const base::Result<Piece> piece = read(offset, position);
    if (!piece) {
      return piece.error();
    }
    if (piece->kind == Piece::Kind::kRecord) {
      return std::optional(Place{offset, position});
    }
    ++offset;
  }
}

base::Result<std::uint64_t> Scanner::content_end(std::uint64_t offset) {
  std::uint64_t end = offset;
  for (;;) {
    const base::Result<std::string_view> chunk = rest(offset);
    if (!chunk) {
      return chunk.error();
    }
    if (chunk->empty()) {
      return end;
    }
    const std::size_t last = chunk->find_last_not_of('\0');
    if (last != std::string_view::npos) {
      end = offset + last + 1;
    }
    offset += chunk->size();
  }
}

}  // namespace segment
