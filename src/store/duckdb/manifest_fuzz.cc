// Any text as the list of the store's files, with the checksum it brings and with the right one:
// what is read is written as a text that reads the same.

#include "base/check.h"
#include "codec/hash.h"
#include "store/duckdb/manifest.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

void check(std::string_view text) {
  const auto manifest = store::duckdb::parse_manifest(text);
  if (!manifest) {
    CHECK(manifest.error().code == base::Code::kCorrupt);
    return;
  }
  for (const store::duckdb::FileEntry& file : manifest->files) {
    CHECK(file.column_set < manifest->column_sets.size());
  }
  const std::string written = store::duckdb::manifest_text(*manifest);
  const auto again = store::duckdb::parse_manifest(written);
  CHECK(again.has_value());
  CHECK(store::duckdb::manifest_text(*again) == written);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check(text);
  std::string whole = "{\"crc32c\":" + std::to_string(codec::crc32c(text));
  whole.append(",\n\"manifest\":").append(text).append("}\n");
  check(whole);
  return 0;
}
