// Any bytes as a journal record's payload: what is read says the same when it is written again.

#include "base/check.h"
#include "event/record.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

template <class Pair, class Text>
void check_same(const std::vector<Pair>& left, const std::vector<Pair>& right, Text Pair::* name) {
  CHECK(left.size() == right.size());
  for (std::size_t i = 0; i < left.size(); ++i) {
    CHECK(left[i].*name == right[i].*name && left[i].value == right[i].value);
  }
}

void check_same(const event::Record& left, const event::Record& right) {
  CHECK(left.kind == right.kind && left.api == right.api && left.received_at == right.received_at);
  CHECK(left.app_id == right.app_id && left.request_id == right.request_id);
  CHECK(left.method == right.method && left.target == right.target);
  CHECK(left.peer_ip == right.peer_ip && left.user_agent == right.user_agent);
  CHECK(left.body == right.body);
  check_same(left.headers, right.headers, &event::Header::name);
  check_same(left.notes, right.notes, &event::Note::key);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto record = event::decode_record(bytes);
  if (!record) {
    CHECK(record.error().code == base::Code::kCorrupt);
    return 0;
  }
  std::string written;
  event::encode_record(*record, written);
  const auto again = event::decode_record(written);
  CHECK(again.has_value());
  check_same(*record, *again);
  CHECK(record->path().size() + record->query().size() <= record->target.size());
  return 0;
}
