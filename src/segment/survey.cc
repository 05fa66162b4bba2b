#include "segment/survey.h"

#include <algorithm>

namespace segment {
namespace {

/// Whole records from `place` on, until something else comes; `place` moves along.
base::Result<Piece> walk(Scanner& scanner, Place& place, Survey& out, const Visit& visit) {
  for (;;) {
    base::Result<Piece> piece = scanner.read(place.offset, place.position);
    if (!piece || piece->kind != Piece::Kind::kRecord) {
      return piece;
    }
    if (visit) {
      visit(place, piece->payload);
    }
    ++out.records;
    out.payload_bytes += piece->payload.size();
    out.last = place.position;
    out.end = piece->end;
    place = {piece->end, place.position + 1};
  }
}

}  // namespace

base::Result<Survey> survey(Scanner& scanner, Source& source, Position last_expected,
                            const Visit& visit) {
  const base::Result<std::uint64_t> bytes = source.size();
  if (!bytes) {
    return bytes.error();
  }
  Place place{kHeaderBytes, scanner.header().first};
  Survey out;
  out.last = place.position - 1;
  out.end = place.offset;
  std::string reason;
  for (;;) {
    const base::Result<Piece> piece = walk(scanner, place, out, visit);
    if (!piece) {
      return piece.error();
    }
    reason = piece->kind == Piece::Kind::kNothing ? "record never arrived" : piece->reason;
    const Position high =
        last_expected != 0 ? last_expected : position_limit(place.position, place.offset, *bytes);
    if (place.position > high) {
      break;
    }
    const base::Result<std::optional<Place>> found = scanner.find(
        piece->kind == Piece::Kind::kNothing ? place.offset : piece->end, place.position, high);
    if (!found) {
      return found.error();
    }
    if (!found->has_value()) {
      break;
    }
    if ((*found)->position > place.position) {
      out.damages.push_back({place.position, (*found)->position - 1, reason});
    }
    place = **found;
  }
  if (last_expected != 0 && out.last < last_expected) {
    out.damages.push_back({out.last + 1, last_expected, reason});
  }
  const base::Result<std::uint64_t> content_end = scanner.content_end(out.end);
  if (!content_end) {
    return content_end.error();
  }
  out.tail_bytes = *content_end - out.end;
  out.tail_reason = out.tail_bytes > 0 ? reason : "";
  return out;
}

}  // namespace segment
