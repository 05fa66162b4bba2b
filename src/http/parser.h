#pragma once
// Reads one request's head and chunked body: the grammar is Beast's basic_parser, the rules it
// leaves open (what a second reader of the same bytes could understand differently) are here. One
// per connection, used again for every request, on the connection's thread only.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace http {

/// What a request's head says. Lifetime: views into the bytes given to parse_head().
struct Head {
  std::string_view method;
  std::string_view target;
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  std::uint64_t content_length = 0;  ///< 0 as well when there is none.
  bool chunked = false;
  bool keep_alive = false;
  bool version_1_1 = false;
  bool expects_continue = false;
};

/// An answer that is given before any handler is asked; the connection closes behind it.
struct Refusal {
  int status = 400;
  std::string_view reason;  ///< Static text.
};

/// Where a head ends within the bytes received so far.
struct HeadScan {
  std::size_t end = 0;  ///< Bytes of the head with its empty line; 0: not complete yet.
  std::optional<Refusal> refusal;
};
/// Looks for the end of the head in `bytes`, of which the first `scanned` were looked at before.
HeadScan find_head_end(std::string_view bytes, std::size_t scanned);

class Parser {
 public:
  Parser();
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;
  ~Parser();

  /// Reads a complete head (up to and with the empty line) and checks how its body is framed.
  std::optional<Refusal> parse_head(std::string_view bytes, Head& head);

  enum class ChunkState : std::uint8_t { kMore, kDone, kTooLarge, kRefused };
  struct ChunkStep {
    ChunkState state = ChunkState::kMore;
    std::size_t consumed = 0;  ///< The rest must be given again, with more behind it.
    std::string_view reason;   ///< Of kRefused; static text.
  };
  /// Appends what `bytes` hold of a chunked body to `body`; kTooLarge as soon as a chunk would take
  /// it over `body_bytes_max`. Trailer fields are read and dropped.
  ChunkStep parse_chunks(std::string_view bytes, std::size_t body_bytes_max, std::string& body);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace http
