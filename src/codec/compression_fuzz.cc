// Any bytes through every decompressor: never more than the limit comes out, and what we pack
// ourselves reads back.

#include "base/check.h"
#include "codec/compression.h"

#include <cstddef>
#include <cstdint>

namespace {

constexpr codec::UnpackLimits kLimits{.bytes_max = 1U << 20U, .ratio_max = 1000};

void check_size(const base::Result<std::string>& unpacked) {
  CHECK(!unpacked || unpacked->size() <= kLimits.bytes_max);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_size(codec::gunzip(bytes, kLimits));
  check_size(codec::inflate(bytes, kLimits));
  check_size(codec::unzstd(bytes, kLimits));
  check_size(codec::decode_content(bytes.substr(0, bytes.find('\n')), bytes, kLimits));
  CHECK(*codec::gunzip(codec::gzip(bytes), {}) == bytes);
  CHECK(*codec::unzstd(codec::zstd(bytes), {}) == bytes);
  return 0;
}
