#pragma once
// Reads the answers of one connection, one at a time, as they trickle in: HTTP/1.1 with a
// Content-Length, or a line of Redis's protocol. Keeps of them only what a load wants to know.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace load {

enum class Protocol : std::uint8_t { kHttp, kRedis };

class ReplyReader {
 public:
  enum class State : std::uint8_t { kMore, kDone, kBroken };

  explicit ReplyReader(Protocol protocol) : protocol_(protocol) {}

  /// Takes what was received next. kDone: the answer is whole, and further bytes would be nobody's.
  /// kBroken: text() says what cannot be understood.
  State feed(std::string_view bytes);
  /// Gets ready for the next answer.
  void reset();
  /// Whether any byte of an answer was seen.
  [[nodiscard]] bool begun() const { return begun_; }

  /// HTTP's status; for Redis 200, or 500 for an error.
  [[nodiscard]] int status() const { return status_; }
  /// The peer closes the connection behind this answer.
  [[nodiscard]] bool closes() const { return closes_; }
  /// X-Catchment-Error, or the first bytes of the body. Lifetime: until reset().
  [[nodiscard]] std::string_view text() const;
  /// The first bytes of the body.
  [[nodiscard]] std::string_view body() const { return body_; }
  /// The header X-Catchment-Error.
  [[nodiscard]] std::string_view complaint() const { return complaint_; }

 private:
  State feed_http(std::string_view bytes);
  State feed_redis(std::string_view bytes);
  State read_head(std::string_view head);
  void read_field(std::string_view line);
  State take_body(std::string_view bytes);
  State broken(std::string_view why);

  Protocol protocol_;
  bool begun_ = false;
  bool in_body_ = false;
  bool closes_ = false;
  bool has_length_ = false;
  int status_ = 0;
  std::size_t body_left_ = 0;
  std::string pending_;  ///< A head, or a line, that is not whole yet.
  std::string body_;
  std::string complaint_;
};

}  // namespace load
