// Any bytes as a file that should hold nested and flat records of Mobile Analytics and Pinpoint.

#include "imports/test_file.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  imports::check_file({reinterpret_cast<const char*>(data), size},
                      imports::Format::kMobileAnalytics);
  return 0;
}
