#pragma once
// A record on its way through the Writer: from append() over the queue to the committer.

#include "journal/writer.h"
#include "segment/format.h"

#include <cstdint>
#include <span>
#include <string>

namespace journal {

struct Item {
  std::string record;
  Writer::Done done;
};

/// What they take in a segment.
inline std::uint64_t bytes_of(std::span<const Item> items) {
  std::uint64_t bytes = 0;
  for (const Item& item : items) {
    bytes += item.record.size() + segment::kRecordHeaderBytes;
  }
  return bytes;
}

}  // namespace journal
