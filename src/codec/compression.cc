#include "codec/compression.h"

#include "base/check.h"
#include "base/text.h"

#include <libdeflate.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <utility>

namespace codec {
namespace {

constexpr std::size_t kFreeBytes = std::size_t{64} << 10U;  // the ratio is not looked at below
constexpr std::size_t kCodingsMax = 4;
// RFC 8878, 3.1.1.1.2 asks readers for 8 MiB and lets them refuse more.
constexpr int kZstdWindowLogMax = 23;
constexpr int kRecordsWindowLog = 20;

base::Error damaged(std::string_view format) {
  return base::fail(base::Code::kInvalid, "the " + std::string(format) +
                                              " data is damaged, cut short or followed by "
                                              "something else");
}

base::Error too_large(std::size_t bytes_max) {
  return base::fail(base::Code::kTooLarge,
                    "unpacks to more than " + std::to_string(bytes_max) + " bytes");
}

/// The most that `packed_bytes` may become.
std::size_t bytes_allowed(std::size_t packed_bytes, const UnpackLimits& limits) {
  const std::size_t ratio = std::max<std::size_t>(limits.ratio_max, 1);
  const bool overflows = packed_bytes > std::numeric_limits<std::size_t>::max() / ratio;
  const std::size_t by_ratio = overflows ? limits.bytes_max : packed_bytes * ratio;
  return std::min(limits.bytes_max, std::max(by_ratio, kFreeBytes));
}

struct FreeDecompressor {
  void operator()(libdeflate_decompressor* decompressor) const {
    libdeflate_free_decompressor(decompressor);
  }
};
using Decompressor = std::unique_ptr<libdeflate_decompressor, FreeDecompressor>;

Decompressor make_decompressor() {
  Decompressor decompressor(libdeflate_alloc_decompressor());
  CHECK(decompressor != nullptr);
  return decompressor;
}

using Unpack = libdeflate_result (*)(libdeflate_decompressor*, const void*, std::size_t, void*,
                                     std::size_t, std::size_t*, std::size_t*);

/// Where one unpacking stands.
struct Unpacking {
  std::string_view packed;  ///< What is left.
  std::string out;
  std::size_t out_max = 0;
  std::size_t size_hint = 0;  ///< How many bytes the next member is likely to give.
};

/// Takes one member off the front. libdeflate wants the whole result at once, so the room for it
/// doubles until it fits; the work is at most twice that of knowing the size.
base::Status unpack_member(Unpack unpack, std::string_view format, Unpacking& work) {
  const Decompressor decompressor = make_decompressor();
  const std::size_t begin = work.out.size();
  std::size_t room = std::max<std::size_t>(work.size_hint, 256);
  while (true) {
    room = std::min(room, work.out_max - begin);
    work.out.resize(begin + room);
    std::size_t taken = 0;
    std::size_t given = 0;
    const libdeflate_result result =
        unpack(decompressor.get(), work.packed.data(), work.packed.size(), work.out.data() + begin,
               room, &taken, &given);
    if (result == LIBDEFLATE_SUCCESS) {
      work.out.resize(begin + given);
      work.packed.remove_prefix(taken);
      return base::ok();
    }
    if (result != LIBDEFLATE_INSUFFICIENT_SPACE) {
      return damaged(format);
    }
    if (begin + room >= work.out_max) {
      return too_large(work.out_max);
    }
    room *= 2;
  }
}

std::uint32_t little_endian_32(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i > 0; --i) {
    value = (value << 8U) | static_cast<unsigned char>(bytes[i - 1]);
  }
  return value;
}

bool looks_like_zlib(std::string_view bytes) {
  if (bytes.size() < 2) {
    return false;
  }
  const auto first = static_cast<unsigned char>(bytes[0]);
  const auto second = static_cast<unsigned char>(bytes[1]);
  return (first & 0x0FU) == 8 && (first * 256U + second) % 31U == 0;
}

base::Result<std::string> inflate_whole(Unpack unpack, std::string_view packed,
                                        const UnpackLimits& limits) {
  Unpacking work{packed, {}, bytes_allowed(packed.size(), limits), packed.size() * 4};
  const base::Status status = unpack_member(unpack, "deflate", work);
  if (!status) {
    return status.error();
  }
  if (!work.packed.empty()) {
    return damaged("deflate");
  }
  return std::move(work.out);
}

struct FreeZstd {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

struct ZstdParameter {
  ZSTD_cParameter name;
  int value;
};

std::string zstd_frame(std::string_view bytes, std::span<const ZstdParameter> parameters) {
  const std::unique_ptr<ZSTD_CCtx, FreeZstd> context(ZSTD_createCCtx());
  CHECK(context != nullptr);
  for (const ZstdParameter& parameter : parameters) {
    CHECK(ZSTD_isError(ZSTD_CCtx_setParameter(context.get(), parameter.name, parameter.value)) ==
          0U);
  }
  CHECK(ZSTD_isError(ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1)) == 0U);
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  const std::size_t size =
      ZSTD_compress2(context.get(), out.data(), out.size(), bytes.data(), bytes.size());
  CHECK(ZSTD_isError(size) == 0U);
  out.resize(size);
  return out;
}

/// Makes room behind what is in `out`: the frame's own word for its size first, then doubling.
std::size_t grow_for_zstd(std::string_view packed, std::size_t filled, std::size_t out_max) {
  if (filled > 0) {
    return std::min(filled * 2, out_max);
  }
  const unsigned long long said = ZSTD_getFrameContentSize(packed.data(), packed.size());
  const bool known = said != ZSTD_CONTENTSIZE_UNKNOWN && said != ZSTD_CONTENTSIZE_ERROR;
  const std::size_t wanted = known ? static_cast<std::size_t>(said) + 1 : packed.size() * 4;
  return std::min(std::max<std::size_t>(wanted, 256), out_max);
}

base::Result<std::string> decode_one(const std::string& coding, std::string_view bytes,
                                     const UnpackLimits& limits) {
  if (coding == "gzip" || coding == "x-gzip") {
    return gunzip(bytes, limits);
  }
  if (coding == "deflate") {
    return inflate(bytes, limits);
  }
  if (coding == "zstd") {
    return unzstd(bytes, limits);
  }
  return base::fail(base::Code::kInvalid, "unknown content coding \"" + coding +
                                              "\"; gzip, deflate, zstd and identity are known");
}

}  // namespace

base::Result<std::string> gunzip(std::string_view packed, const UnpackLimits& limits) {
  constexpr std::size_t kMemberBytesMin = 18;
  if (packed.size() < kMemberBytesMin) {
    return damaged("gzip");
  }
  // A member ends with its size modulo 2^32; a wrong one only costs a second try.
  const std::size_t said = little_endian_32(packed.substr(packed.size() - 4));
  Unpacking work{packed, {}, bytes_allowed(packed.size(), limits), said};
  do {
    const base::Status status = unpack_member(libdeflate_gzip_decompress_ex, "gzip", work);
    if (!status) {
      return status.error();
    }
  } while (!work.packed.empty());
  return std::move(work.out);
}

base::Result<std::string> inflate(std::string_view packed, const UnpackLimits& limits) {
  // RFC 9110 means zlib by "deflate"; many clients send the raw stream.
  if (looks_like_zlib(packed)) {
    base::Result<std::string> plain = inflate_whole(libdeflate_zlib_decompress_ex, packed, limits);
    if (plain || plain.error().code == base::Code::kTooLarge) {
      return plain;
    }
  }
  return inflate_whole(libdeflate_deflate_decompress_ex, packed, limits);
}

base::Result<std::string> unzstd(std::string_view packed, const UnpackLimits& limits) {
  const std::size_t out_max = bytes_allowed(packed.size(), limits);
  const std::unique_ptr<ZSTD_DCtx, FreeZstd> context(ZSTD_createDCtx());
  CHECK(context != nullptr);
  CHECK(ZSTD_isError(
            ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kZstdWindowLogMax)) == 0U);
  std::string out;
  std::size_t filled = 0;
  std::size_t wanted = 1;  // 0 when a frame is complete
  ZSTD_inBuffer in{packed.data(), packed.size(), 0};
  while (in.pos < in.size || wanted != 0) {
    if (filled == out.size()) {
      out.resize(grow_for_zstd(packed, filled, out_max));
    }
    ZSTD_outBuffer piece{out.data() + filled, out.size() - filled, 0};
    const std::size_t in_before = in.pos;
    wanted = ZSTD_decompressStream(context.get(), &piece, &in);
    if (ZSTD_isError(wanted) != 0U) {
      return damaged("zstd");
    }
    filled += piece.pos;
    if (piece.pos == 0 && in.pos == in_before && wanted != 0) {
      return filled == out_max && in.pos < in.size ? too_large(out_max) : damaged("zstd");
    }
  }
  out.resize(filled);
  return out;
}

bool looks_like_gzip(std::string_view bytes) { return bytes.starts_with("\x1F\x8B\x08"); }

base::Result<std::string> decode_content(std::string_view encoding, std::string_view bytes,
                                         const UnpackLimits& limits) {
  std::string plain(bytes);
  for (std::size_t codings = 0; !encoding.empty(); ++codings) {
    if (codings == kCodingsMax) {
      return base::fail(base::Code::kInvalid,
                        "more than " + std::to_string(kCodingsMax) + " content codings");
    }
    const std::size_t comma = encoding.rfind(',');
    const std::size_t begin = comma == std::string_view::npos ? 0 : comma + 1;
    const std::string coding = base::lower_case(base::trim(encoding.substr(begin)));
    encoding = encoding.substr(0, begin == 0 ? 0 : comma);
    if (coding.empty() || coding == "identity") {
      continue;
    }
    base::Result<std::string> decoded = decode_one(coding, plain, limits);
    if (!decoded) {
      return decoded;
    }
    plain = *std::move(decoded);
  }
  return plain;
}

std::string gzip(std::string_view bytes, int level) {
  struct Free {
    void operator()(libdeflate_compressor* compressor) const {
      libdeflate_free_compressor(compressor);
    }
  };
  const std::unique_ptr<libdeflate_compressor, Free> compressor(
      libdeflate_alloc_compressor(std::clamp(level, 1, 12)));
  CHECK(compressor != nullptr);
  std::string out(libdeflate_gzip_compress_bound(compressor.get(), bytes.size()), '\0');
  out.resize(libdeflate_gzip_compress(compressor.get(), bytes.data(), bytes.size(), out.data(),
                                      out.size()));
  return out;
}

std::string zstd(std::string_view bytes, int level) {
  // Higher levels want a window that unzstd() refuses.
  const std::array parameters = {ZstdParameter{ZSTD_c_compressionLevel, std::clamp(level, 1, 19)}};
  return zstd_frame(bytes, parameters);
}

std::string zstd_records(std::string_view bytes, Effort effort) {
  // Level 1 looks for seven equal bytes; most of its cost is the size of its table.
  constexpr std::array kQuick = {ZstdParameter{ZSTD_c_compressionLevel, 1},
                                 ZstdParameter{ZSTD_c_windowLog, kRecordsWindowLog}};
  constexpr std::array kSmall = {ZstdParameter{ZSTD_c_compressionLevel, 7},
                                 ZstdParameter{ZSTD_c_windowLog, kRecordsWindowLog},
                                 ZstdParameter{ZSTD_c_strategy, ZSTD_lazy2},
                                 ZstdParameter{ZSTD_c_minMatch, 6},
                                 ZstdParameter{ZSTD_c_hashLog, 15},
                                 ZstdParameter{ZSTD_c_chainLog, 15},
                                 ZstdParameter{ZSTD_c_searchLog, 3}};
  return effort == Effort::kQuick ? zstd_frame(bytes, kQuick) : zstd_frame(bytes, kSmall);
}

}  // namespace codec
