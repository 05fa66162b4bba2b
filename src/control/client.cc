#include "control/client.h"

#include <sys/socket.h>

namespace control {

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
    } else {
      output.err(frame->bytes);
    }
  }
}

}  // namespace control
