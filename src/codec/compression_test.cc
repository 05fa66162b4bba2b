#include "codec/compression.h"

#include "base/random.h"
#include "codec/hash.h"
#include "codec/text.h"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <memory>

namespace codec {
namespace {

constexpr UnpackLimits kLimits{};

/// zlib's own stream, so that our reader is held against another writer: window bits -15 for raw
/// deflate, 15 for zlib, 31 for gzip.
std::string deflated(std::string bytes, int window_bits) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, bytes.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(::deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string sample(std::size_t bytes) {
  base::SeededRandom random(1);
  std::string out;
  while (out.size() < bytes) {
    out += "{\"event\":\"view\",\"id\":\"" + base::random_hex(random, 8) + "\"}";
  }
  return out;
}

base::Code code_of(const base::Result<std::string>& result) {
  return result ? base::Code::kInternal : result.error().code;
}

TEST(Gunzip, ReadsWhatZlibAndWeWrite) {
  for (const std::size_t bytes : {0, 1, 100, 100'000}) {
    const std::string text = sample(bytes);
    EXPECT_EQ(*gunzip(deflated(text, 31), kLimits), text);
    EXPECT_EQ(*gunzip(gzip(text), kLimits), text);
  }
}

TEST(Gunzip, ReadsConcatenatedMembers) {
  EXPECT_EQ(*gunzip(gzip("one ") + gzip(sample(5000)) + gzip("two"), kLimits),
            "one " + sample(5000) + "two");
}

TEST(Gunzip, EveryTruncationIsInvalid) {
  const std::string packed = gzip(sample(300));
  for (std::size_t size = 0; size < packed.size(); ++size) {
    EXPECT_EQ(code_of(gunzip(packed.substr(0, size), kLimits)), base::Code::kInvalid) << size;
  }
}

TEST(Gunzip, RefusesDamageAndTrailingBytes) {
  std::string packed = gzip(sample(300));
  EXPECT_EQ(code_of(gunzip(packed + "x", kLimits)), base::Code::kInvalid);
  packed[packed.size() - 6] ^= 1;  // the CRC
  EXPECT_EQ(code_of(gunzip(packed, kLimits)), base::Code::kInvalid);
}

TEST(Gunzip, StopsABomb) {
  const std::string bomb = gzip(std::string(40'000'000, 'a'), 9);
  EXPECT_EQ(code_of(gunzip(bomb, kLimits)), base::Code::kTooLarge);
  const std::string ratio = gzip(std::string(1'000'000, 'a'), 9);
  EXPECT_EQ(code_of(gunzip(ratio, {.ratio_max = 10})), base::Code::kTooLarge);
  EXPECT_TRUE(gunzip(ratio, kLimits));
}

TEST(Gunzip, ExactlyTheLimitIsAllowed) {
  const std::string packed = gzip(sample(100'000));
  const std::size_t size = sample(100'000).size();
  EXPECT_TRUE(gunzip(packed, {.bytes_max = size}));
  EXPECT_EQ(code_of(gunzip(packed, {.bytes_max = size - 1})), base::Code::kTooLarge);
}

TEST(Inflate, ReadsZlibAndRawStreams) {
  for (const std::size_t bytes : {0, 1, 100, 100'000}) {
    const std::string text = sample(bytes);
    EXPECT_EQ(*inflate(deflated(text, 15), kLimits), text);
    EXPECT_EQ(*inflate(deflated(text, -15), kLimits), text);
  }
  EXPECT_EQ(code_of(inflate(deflated("abc", 15) + "x", kLimits)), base::Code::kInvalid);
  EXPECT_EQ(code_of(inflate("", kLimits)), base::Code::kInvalid);
}

TEST(Unzstd, ReadsWhatWasWritten) {
  for (const std::size_t bytes : {0, 1, 100, 1'000'000}) {
    EXPECT_EQ(*unzstd(zstd(sample(bytes)), kLimits), sample(bytes));
  }
  EXPECT_EQ(*unzstd(zstd("one ") + zstd("two"), kLimits), "one two");
}

TEST(Zstd, RecordsReadBackAndMoreEffortTakesLess) {
  std::string records;
  for (unsigned i = 0; i < 4000; ++i) {
    const std::string id = to_hex(hash128(std::to_string(i)));
    records += R"({"event":"_page_view","id":")" + id + R"(","screen":"1080x1920","page":"/)" +
               std::string(10 + i % 7, 'p') + R"(","device":"phone","language":")" +
               std::string(3 + i % 11, 'l') + R"("})";
  }
  const UnpackLimits whole{.bytes_max = records.size()};
  const std::string quick = zstd_records(records, Effort::kQuick);
  const std::string small = zstd_records(records, Effort::kSmall);
  EXPECT_EQ(*unzstd(quick, whole), records);
  EXPECT_EQ(*unzstd(small, whole), records);
  EXPECT_LT(small.size(), quick.size());
  EXPECT_LT(quick.size(), zstd(records, 3).size());
  EXPECT_EQ(*unzstd(zstd_records("", Effort::kSmall), whole), "");
}

TEST(Unzstd, EveryTruncationIsInvalid) {
  const std::string packed = zstd(sample(300));
  for (std::size_t size = 0; size < packed.size(); ++size) {
    EXPECT_EQ(code_of(unzstd(packed.substr(0, size), kLimits)), base::Code::kInvalid) << size;
  }
  EXPECT_EQ(code_of(unzstd(packed + "x", kLimits)), base::Code::kInvalid);
}

TEST(Unzstd, StopsABomb) {
  EXPECT_EQ(code_of(unzstd(zstd(std::string(40'000'000, 'a')), kLimits)), base::Code::kTooLarge);
  const std::string packed = zstd(sample(100'000));
  const std::size_t size = sample(100'000).size();
  EXPECT_TRUE(unzstd(packed, {.bytes_max = size}));
  EXPECT_EQ(code_of(unzstd(packed, {.bytes_max = size - 1})), base::Code::kTooLarge);
}

TEST(Unzstd, WindowBeyondEightMebibytesIsRefused) {
  const std::string text(std::size_t{9} << 20U, 'w');
  for (const int window_log : {23, 24}) {
    const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(),
                                                                       ZSTD_freeCCtx);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_windowLog, window_log);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_contentSizeFlag, 0);
    std::string packed(ZSTD_compressBound(text.size()), '\0');
    ZSTD_outBuffer out{packed.data(), packed.size(), 0};
    ZSTD_inBuffer in{text.data(), text.size(), 0};
    ZSTD_compressStream2(context.get(), &out, &in, ZSTD_e_flush);
    ASSERT_EQ(ZSTD_compressStream2(context.get(), &out, &in, ZSTD_e_end), 0U);
    packed.resize(out.pos);
    EXPECT_EQ(unzstd(packed, {.ratio_max = 1'000'000}).has_value(), window_log == 23) << window_log;
  }
}

TEST(DecodeContent, UndoesCodingsLastFirst) {
  EXPECT_EQ(*decode_content("", "plain", kLimits), "plain");
  EXPECT_EQ(*decode_content("identity", "plain", kLimits), "plain");
  EXPECT_EQ(*decode_content("GZIP", gzip("plain"), kLimits), "plain");
  EXPECT_EQ(*decode_content("deflate , zstd", zstd(deflated("plain", 15)), kLimits), "plain");
  EXPECT_EQ(code_of(decode_content("br", "plain", kLimits)), base::Code::kInvalid);
  EXPECT_EQ(code_of(decode_content("gzip,gzip,gzip,gzip,gzip", "", kLimits)), base::Code::kInvalid);
}

TEST(LooksLikeGzip, KnowsTheFirstBytes) {
  EXPECT_TRUE(looks_like_gzip(gzip("")));
  EXPECT_FALSE(looks_like_gzip("\x1F"));
  EXPECT_FALSE(looks_like_gzip("{}"));
}

}  // namespace
}  // namespace codec
