#include "control/client.h"

#include <poll.h>
#include <sys/socket.h>

namespace control {
namespace {

constexpr int kLookAroundMs = 200;

/// Waits a moment for bytes, or the end of them.
bool readable(int socket) {
  pollfd watched{socket, POLLIN, 0};
  return poll(&watched, 1, kLookAroundMs) > 0;
}

}  // namespace

std::optional<Descriptor> connect_to(const std::string& path) {
  const base::Result<UnixAddress> address = unix_address(path);
  if (!address) {
    return std::nullopt;
  }
  Descriptor connection(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (connect(connection.get(), reinterpret_cast<const sockaddr*>(address->bytes.data()),
              static_cast<socklen_t>(address->bytes.size())) != 0) {
    return std::nullopt;
  }
  return connection;
}

base::Result<int> run_remote(const Descriptor& socket, const std::vector<std::string>& words,
                             Output& output) {
  base::Status sent =
      send_frame(socket.get(), output.terminal() ? FrameType::kTerminal : FrameType::kPipe, "");
  for (const std::string& word : words) {
    if (sent) {
      sent = send_frame(socket.get(), FrameType::kArgument, word);
    }
  }
  if (sent) {
    sent = send_frame(socket.get(), FrameType::kRun, "");
  }
  if (!sent) {
    return sent.error();
  }
  for (;;) {
    // The reader may go, or press Ctrl-C, while the command has nothing to say.
    while (!readable(socket.get())) {
      if (!output.alive()) {
        return 1;
      }
    }
    const base::Result<Frame> frame = receive_frame(socket.get());
    if (!frame) {
      return base::fail(base::Code::kIo, "the server went away before the command ended");
    }
    if (frame->type == FrameType::kExit) {
      return frame->bytes.empty() ? 1 : static_cast<int>(frame->bytes.front());
    }
    if (frame->type == FrameType::kOut) {
      output.out(frame->bytes);
      // Also writes out what standard output holds back: a reader of tail's pipe waits for a line.
      if (!output.alive()) {
        return 1;
      }
    } else if (frame->type == FrameType::kMark) {
      output.mark(frame->bytes);
    } else {
      output.err(frame->bytes);
    }
  }
}

}  // namespace control
