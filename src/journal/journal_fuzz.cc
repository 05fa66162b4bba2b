// Any bytes as a segment, plain or compressed, and a whole segment with some bytes changed:
// opening, reading and verifying never crash, every position is given or reported exactly once and
// in order, and what is read was written.

#include "base/check.h"
#include "io/memory_file_system.h"
#include "journal/reader.h"
#include "journal/verify.h"
#include "journal/writer.h"
#include "segment/compressed.h"
#include "segment/format.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace {

using event::Position;

/// Through every position to `through`; all payloads that came.
std::set<std::string> read_all(io::FileSystem& files, Position through) {
  std::set<std::string> out;
  const auto reader = journal::Reader::open(files, "j", 1);
  CHECK(reader.has_value());
  Position last = 0;
  for (;;) {
    const auto entry = (*reader)->next(through);
    if (entry && !entry->has_value()) {
      break;
    }
    if (entry) {
      CHECK((*entry)->position > last);
      last = (*entry)->position;
      out.emplace((*entry)->bytes);
      continue;
    }
    if (!(*reader)->damage()) {
      CHECK(entry.error().code == base::Code::kInvalid);  // a newer version
      break;
    }
    CHECK((*reader)->damage()->first > last);
    last = (*reader)->damage()->last;
  }
  CHECK(last <= through);
  return out;
}

void open_and_go_on(io::MemoryFileSystem& files, const std::set<std::string>& written) {
  base::SystemClock clock;
  journal::Options options;
  options.folder = "j";
  options.segment_bytes = 4096;
  options.reserve_bytes = 0;
  Position durable = 0;
  {
    const auto writer = journal::Writer::open(files, clock, base::null_log(), options);
    if (!writer) {
      CHECK(writer.error().code == base::Code::kInvalid);
      return;
    }
    (*writer)->append("more",
                      [](const base::Result<Position>& result) { CHECK(result.has_value()); });
  }
  const auto writer = journal::Writer::open(files, clock, base::null_log(), options);
  CHECK(writer.has_value());
  durable = (*writer)->durable_position();
  std::set<std::string> found = read_all(files, durable);
  CHECK(found.erase("more") == 1);
  if (!written.empty()) {
    CHECK(std::includes(written.begin(), written.end(), found.begin(), found.end()));
  }
}

void look_at(io::MemoryFileSystem& files) {
  static_cast<void>(read_all(files, 1000));
  static_cast<void>(journal::verify(files, "j", {}));
}

/// Records whose sizes the first bytes tell, then changes of three bytes each: where and what.
void change_a_segment(std::string_view bytes) {
  constexpr std::uint32_t kSalt = 77;
  std::string plain = segment::encode_header({kSalt, 1, base::from_us(0)});
  std::set<std::string> written;
  const std::size_t records = std::min<std::size_t>(bytes.size(), 8);
  for (std::size_t i = 0; i < records; ++i) {
    const auto size = static_cast<std::uint8_t>(bytes[i]);
    const std::string payload = std::to_string(i) + std::string(size, static_cast<char>(size));
    segment::encode_record(plain, kSalt, i + 1, payload);
    written.insert(payload);
  }
  plain.resize(4096);
  bytes.remove_prefix(records);
  for (; bytes.size() >= 3; bytes.remove_prefix(3)) {
    const std::size_t at = static_cast<std::uint8_t>(bytes[0]) * std::size_t{256} +
                           static_cast<std::uint8_t>(bytes[1]);
    plain[at % plain.size()] = bytes[2];
  }
  io::MemoryFileSystem files;
  files.set_content("j/" + segment::Name{1, false}.text(), plain);
  look_at(files);
  open_and_go_on(files, written);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 3 == 0) {
    change_a_segment(bytes);
    return 0;
  }
  io::MemoryFileSystem files;
  files.set_content("j/" + segment::Name{1, data[0] % 3 == 1}.text(), std::string(bytes));
  look_at(files);
  open_and_go_on(files, {});
  static_cast<void>(segment::decode_index(bytes, bytes.size()));
  static_cast<void>(segment::decode_header(bytes));
  return 0;
}
