#include "control/frames.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace control {
namespace {

constexpr std::size_t kHeaderBytes = 5;

base::Status send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EINTR) {
      return base::os_fail("write to the control socket", errno);
    }
    bytes.remove_prefix(sent < 0 ? 0 : static_cast<std::size_t>(sent));
  }
  return base::ok();
}

base::Status receive_all(int socket, char* out, std::size_t size) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = recv(socket, out + done, size - done, 0);
    if (got == 0) {
      return base::fail(base::Code::kIo, "the other side closed the control socket");
    }
    if (got < 0 && errno != EINTR) {
      return base::os_fail("read from the control socket", errno);
    }
    done += got < 0 ? 0 : static_cast<std::size_t>(got);
  }
  return base::ok();
}

}  // namespace

base::Status send_frame(int socket, FrameType type, std::string_view bytes) {
  do {
    const std::string_view part = bytes.substr(0, kFrameBytesMax);
    bytes.remove_prefix(part.size());
    std::string frame(1, static_cast<char>(type));
    for (unsigned shift = 0; shift < 32; shift += 8) {
      frame += static_cast<char>((part.size() >> shift) & 0xffU);
    }
    frame += part;
    const base::Status sent = send_all(socket, frame);
    if (!sent) {
      return sent;
    }
  } while (!bytes.empty());
  return base::ok();
}

base::Result<Frame> receive_frame(int socket) {
  std::array<char, kHeaderBytes> header{};
  base::Status read = receive_all(socket, header.data(), header.size());
  if (!read) {
    return read.error();
  }
  std::size_t size = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    size |= static_cast<std::size_t>(static_cast<unsigned char>(header.at(i + 1))) << (8 * i);
  }
  if (size > kFrameBytesMax) {
    return base::fail(base::Code::kInvalid, "a frame on the control socket is too large");
  }
  Frame frame{static_cast<FrameType>(header.front()), std::string(size, '\0')};
  read = receive_all(socket, frame.bytes.data(), size);
  if (!read) {
    return read.error();
  }
  return frame;
}

Descriptor::Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(value_, other.value_);
  return *this;
}

Descriptor::~Descriptor() {
  if (value_ >= 0) {
    close(value_);
  }
}

base::Result<UnixAddress> unix_address(const std::string& path) {
  sockaddr_un address{};
  if (path.size() >= sizeof(address.sun_path)) {
    return base::fail(base::Code::kInvalid,
                      "the path \"" + path + "\" is too long for a socket: at most " +
                          std::to_string(sizeof(address.sun_path) - 1) + " bytes");
  }
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  return UnixAddress{std::string(reinterpret_cast<const char*>(&address), sizeof(address))};
}

}  // namespace control
