#include "segment/format.h"

#include "codec/hash.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

namespace segment {
namespace {

static_assert(std::endian::native == std::endian::little, "integers on disk are little-endian");

constexpr std::string_view kMagic = "catchseg";
constexpr std::string_view kSuffix = ".seg";
constexpr std::string_view kCompressedSuffix = ".seg.zst";
constexpr std::size_t kNameDigits = 20;

}  // namespace

std::uint32_t get_u32(std::string_view bytes, std::size_t offset) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

std::uint64_t get_u64(std::string_view bytes, std::size_t offset) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

void put_u32(std::string& out, std::uint32_t value) {
  for (unsigned shift = 0; shift < 32; shift += 8) {
    out += static_cast<char>(value >> shift & 0xffU);
  }
}

void put_u64(std::string& out, std::uint64_t value) {
  put_u32(out, static_cast<std::uint32_t>(value));
  put_u32(out, static_cast<std::uint32_t>(value >> 32U));
}

std::string encode_header(const Header& header) {
  std::string out(kMagic);
  put_u32(out, kFormatVersion);
  put_u32(out, header.salt);
  put_u64(out, header.first);
  put_u64(out, static_cast<std::uint64_t>(base::to_us(header.created)));
  put_u32(out, codec::crc32c(out));
  return out;
}

base::Result<Header> decode_header(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes || !bytes.starts_with(kMagic)) {
    return base::fail(base::Code::kCorrupt, "segment header is missing");
  }
  const std::uint32_t version = get_u32(bytes, 8);
  if (get_u32(bytes, 32) != codec::crc32c(bytes.substr(0, 32))) {
    return base::fail(base::Code::kCorrupt, "segment header fails its checksum");
  }
  if (version != kFormatVersion) {
    return base::fail(base::Code::kInvalid,
                      "segment has format version " + std::to_string(version) +
                          ", this program reads version " + std::to_string(kFormatVersion));
  }
  return Header{get_u32(bytes, 12), get_u64(bytes, 16),
                base::from_us(static_cast<std::int64_t>(get_u64(bytes, 24)))};
}

void encode_record(std::string& out, std::uint32_t salt, Position position,
                   std::string_view payload) {
  const std::size_t start = out.size();
  put_u32(out, 0);
  put_u32(out, static_cast<std::uint32_t>(payload.size()));
  put_u64(out, position);
  put_u32(out, codec::crc32c(payload));
  const std::uint32_t check =
      record_header_check(std::string_view(out).substr(start, kRecordHeaderBytes)) ^ salt;
  for (unsigned i = 0; i < 4; ++i) {
    out[start + i] = static_cast<char>(check >> (8U * i) & 0xffU);
  }
  out += payload;
}

RecordHeader split_record_header(std::string_view bytes) {
  return {get_u32(bytes, 0), get_u32(bytes, 4), get_u64(bytes, 8), get_u32(bytes, 16)};
}

std::uint32_t record_header_check(std::string_view bytes) {
  return codec::crc32c(bytes.substr(4, kRecordHeaderBytes - 4));
}

std::string Name::text() const {
  const std::string digits = std::to_string(first);
  std::string out(kNameDigits - std::min(kNameDigits, digits.size()), '0');
  out += digits;
  out += compressed ? kCompressedSuffix : kSuffix;
  return out;
}

std::optional<Name> parse_name(std::string_view name) {
  Name out;
  const auto [end, error] =
      std::from_chars(name.data(), name.data() + std::min(name.size(), kNameDigits), out.first);
  if (error != std::errc() || end != name.data() + kNameDigits || out.first == 0) {
    return std::nullopt;
  }
  const std::string_view suffix = name.substr(kNameDigits);
  out.compressed = suffix == kCompressedSuffix;
  return out.compressed || suffix == kSuffix ? std::optional(out) : std::nullopt;
}

}  // namespace segment
