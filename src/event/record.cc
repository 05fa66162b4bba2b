#include "event/record.h"

#include "codec/varint.h"

#include <array>
#include <utility>

namespace event {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kPairsMax = 1000;  // headers or notes in one record

constexpr std::array<std::pair<Api, std::string_view>, 4> kApiNames = {{
    {Api::kClickstream, "clickstream"},
    {Api::kClevertap, "clevertap"},
    {Api::kMobileAnalytics, "mobile_analytics"},
    {Api::kSegmentstream, "segmentstream"},
}};

void put_text(std::string& out, std::string_view text) {
  codec::put_varint(out, text.size());
  out += text;
}

/// Reads pieces off the front; after a piece that is not there `good` is false and every later
/// piece is empty.
class Source {
 public:
  explicit Source(std::string_view bytes) : bytes_(bytes) {}

  std::uint8_t byte() {
    if (bytes_.empty()) {
      good_ = false;
      return 0;
    }
    const auto value = static_cast<std::uint8_t>(bytes_.front());
    bytes_.remove_prefix(1);
    return value;
  }

  std::uint64_t varint() {
    const auto value = codec::take_varint(bytes_);
    good_ = good_ && value.has_value();
    return value.value_or(0);
  }

  std::string_view text() {
    const std::uint64_t size = varint();
    if (size > bytes_.size()) {
      good_ = false;
      return {};
    }
    const std::string_view value = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return value;
  }

  void fail() { good_ = false; }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }

 private:
  std::string_view bytes_;
  bool good_ = true;
};

template <class Pair>
std::vector<Pair> read_pairs(Source& source) {
  std::vector<Pair> out;
  const std::uint64_t count = source.varint();
  if (count > kPairsMax) {
    source.fail();
  }
  for (std::uint64_t i = 0; i < count && source.good(); ++i) {
    const std::string_view name = source.text();
    out.push_back({name, source.text()});
  }
  return out;
}

}  // namespace

std::string_view api_name(Api api) {
  for (const auto& [value, name] : kApiNames) {
    if (value == api) {
      return name;
    }
  }
  return "unknown";
}

std::optional<Api> api_from_name(std::string_view name) {
  for (const auto& [value, text] : kApiNames) {
    if (text == name) {
      return value;
    }
  }
  return std::nullopt;
}

std::string_view Record::header(std::string_view name) const {
  for (const Header& entry : headers) {
    if (entry.name == name) {
      return entry.value;
    }
  }
  return {};
}

std::optional<std::string_view> Record::note(std::string_view key) const {
  for (const Note& entry : notes) {
    if (entry.key == key) {
      return entry.value;
    }
  }
  return std::nullopt;
}

std::string_view Record::path() const { return target.substr(0, target.find('?')); }

std::string_view Record::query() const {
  const std::size_t mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
}

void encode_record(const Record& record, std::string& out) {
  out += static_cast<char>(kVersion);
  out += static_cast<char>(record.kind);
  out += static_cast<char>(record.api);
  codec::put_varint(out, static_cast<std::uint64_t>(base::to_us(record.received_at)));
  for (const std::string_view text : {record.app_id, record.request_id, record.method,
                                      record.target, record.peer_ip, record.user_agent}) {
    put_text(out, text);
  }
  codec::put_varint(out, record.headers.size());
  for (const Header& entry : record.headers) {
    put_text(out, entry.name);
    put_text(out, entry.value);
  }
  codec::put_varint(out, record.notes.size());
  for (const Note& entry : record.notes) {
    put_text(out, entry.key);
    put_text(out, entry.value);
  }
  put_text(out, record.body);
}

base::Result<Record> decode_record(std::string_view bytes) {
  Source source(bytes);
  const std::uint8_t version = source.byte();
  if (version != kVersion) {
    return base::fail(base::Code::kCorrupt, "record version " + std::to_string(version) +
                                                " is not one this program reads");
  }
  Record record;
  const std::uint8_t kind = source.byte();
  const std::uint8_t api = source.byte();
  if (kind < 1 || kind > 2 || api < 1 || api > kApiNames.size()) {
    return base::fail(base::Code::kCorrupt, "record kind or api is out of range");
  }
  record.kind = static_cast<RecordKind>(kind);
  record.api = static_cast<Api>(api);
  record.received_at = base::from_us(static_cast<std::int64_t>(source.varint()));
  record.app_id = source.text();
  record.request_id = source.text();
  record.method = source.text();
  record.target = source.text();
  record.peer_ip = source.text();
  record.user_agent = source.text();
  record.headers = read_pairs<Header>(source);
  record.notes = read_pairs<Note>(source);
  record.body = source.text();
  if (!source.good() || !source.empty()) {
    return base::fail(base::Code::kCorrupt, "record ends too early or has bytes left over");
  }
  return record;
}

}  // namespace event
