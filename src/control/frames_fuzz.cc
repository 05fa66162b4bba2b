// Any bytes on the control socket: frames come out whole and in order until one is wrong, and a
// length is never believed before its bytes are there.

#include "base/check.h"
#include "control/frames.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <sys/socket.h>

namespace {

/// What fits a socket's buffer, so that one thread can write all and then read.
constexpr std::size_t kBytesMax = 64U << 10U;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > kBytesMax) {
    return 0;
  }
  std::array<int, 2> ends{};
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
  const control::Descriptor reader(ends[0]);
  {
    const control::Descriptor writer(ends[1]);
    CHECK(send(writer.get(), data, size, 0) == static_cast<ssize_t>(size));
  }
  std::size_t taken = 0;
  for (;;) {
    const auto frame = control::receive_frame(reader.get());
    if (!frame) {
      CHECK(frame.error().code == base::Code::kInvalid || frame.error().code == base::Code::kIo);
      break;
    }
    taken += 5 + frame->bytes.size();
    CHECK(taken <= size);
  }
  return 0;
}
