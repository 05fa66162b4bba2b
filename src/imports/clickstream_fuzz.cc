// Any bytes as a file that should hold lines of Clickstream's sink.

#include "imports/test_file.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  imports::check_file({reinterpret_cast<const char*>(data), size}, imports::Format::kClickstream);
  return 0;
}
