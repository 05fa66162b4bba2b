#pragma once
// What travels over the control socket: frames of one type byte, a length (4 bytes, little endian)
// and that many bytes. The client sends kTerminal or kPipe, then one kArgument per word, then kRun;
// the server answers with kOut, kErr and kMark, and ends with kExit, whose one byte is the exit
// code.

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace control {

enum class FrameType : char {
  kArgument = 'A',
  kTerminal = 'T',
  kPipe = 'P',
  kRun = 'R',
  kOut = 'O',
  kErr = 'E',
  kMark = 'M',
  kExit = 'X',
};

struct Frame {
  FrameType type = FrameType::kRun;
  std::string bytes;
};

constexpr std::size_t kFrameBytesMax = std::size_t{1} << 20U;

/// Writes one frame; kIo when the other side is gone.
base::Status send_frame(int socket, FrameType type, std::string_view bytes);
/// Reads one frame; kInvalid for one that is too large, kIo when the other side is gone.
base::Result<Frame> receive_frame(int socket);

/// Owns a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int value = -1) : value_(value) {}
  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&& other) noexcept;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();
  [[nodiscard]] int get() const { return value_; }

 private:
  int value_;
};

/// A Unix address for `path`; kInvalid for a path too long for one.
struct UnixAddress {
  std::string bytes;  ///< A sockaddr_un.
};
base::Result<UnixAddress> unix_address(const std::string& path);

}  // namespace control
