#pragma once
// Whole-buffer decompression with a guard against bombs, and zstd for sealed segments. Threads:
// every function may be called from any thread.

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace codec {

/// What unpacking may cost. Both limits are refused with kTooLarge.
struct UnpackLimits {
  std::size_t bytes_max = std::size_t{16} << 20U;  ///< Of the result.
  std::size_t ratio_max = 1000;                    ///< Result bytes per packed byte, past 64 KiB.
};

/// gzip (all members, concatenated), zlib or raw deflate as HTTP's "deflate" is met in the wild,
/// and zstd frames. kInvalid when the bytes are damaged, cut short or followed by something else.
base::Result<std::string> gunzip(std::string_view packed, const UnpackLimits& limits);
base::Result<std::string> inflate(std::string_view packed, const UnpackLimits& limits);
base::Result<std::string> unzstd(std::string_view packed, const UnpackLimits& limits);

/// True when `bytes` start as a gzip member does.
bool looks_like_gzip(std::string_view bytes);

/// Undoes a Content-Encoding header ("gzip", "deflate", "zstd", "identity", a comma list of them,
/// applied last first). kInvalid names an unknown coding.
base::Result<std::string> decode_content(std::string_view encoding, std::string_view bytes,
                                         const UnpackLimits& limits);

std::string gzip(std::string_view bytes, int level = 6);
std::string zstd(std::string_view bytes, int level = 1);

/// How much processor time a frame may cost.
enum class Effort : std::uint8_t {
  kQuick,  ///< About 1 ns a byte.
  kSmall,  ///< Four times that, for a frame that is about a tenth smaller.
};

/// A zstd frame of records that are alike but for ids, numbers and times. Those are not searched
/// for what they share by chance: naming a match of four digits costs more than the digits.
std::string zstd_records(std::string_view bytes, Effort effort);

}  // namespace codec
