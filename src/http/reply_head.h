#pragma once
// Writes the head of a reply, and makes the two things every reply carries: the date, computed once
// a second, and a fresh request id. One Stamp per server thread.

#include "base/clock.h"
#include "base/random.h"
#include "http/message.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace http {

class Stamp {
 public:
  Stamp(const base::Clock& clock, base::Random& random) : clock_(clock), random_(random) {}

  [[nodiscard]] base::Time now() const { return clock_.now(); }
  /// The Date header's value of now.
  std::string_view date();
  /// Writes a UUID (version 4) into `id` as 32 lower-case hex digits, the form of Clickstream's
  /// X-Request-ID. 106 bits are random, the last 16 count: the ids of neighbouring records differ
  /// in a digit or two, and take that little in the compressed journal. So an id is no secret.
  void fresh_id(std::string& id);

 private:
  void draw_id();

  const base::Clock& clock_;
  base::Random& random_;
  std::int64_t second_ = -1;
  std::string date_;
  std::string id_;  ///< The last one; its random digits hold for kIdsAlike ids.
  std::uint32_t id_number_ = 0;
};

/// What a reply's head says beside the handler's own headers.
struct ReplyFrame {
  std::string_view date;
  std::string_view request_id;
  bool version_1_1 = true;
  bool close = false;
};

/// Replaces `out` by the head of `reply` with its empty line. Headers the server itself is
/// responsible for are taken from `frame`, whatever the handler added; line breaks in values become
/// spaces, so that nothing a client sent can start a header of its own.
void write_head(const Reply& reply, const ReplyFrame& frame, std::string& out);

}  // namespace http
