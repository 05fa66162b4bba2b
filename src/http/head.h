#pragma once
// Reads one request's head: RFC 9112's grammar without what two readers of the same bytes could
// understand differently (bare line feeds, folded lines, a length said twice). Functions of their
// arguments alone.

#include <cstddef>
#include <cstdint>
#include <optional>
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

/// Reads a head that find_head_end() has found, up to and with its empty line, and checks how its
/// body is framed. `head` keeps its capacity.
std::optional<Refusal> parse_head(std::string_view bytes, Head& head);

/// Takes the next field off `lines`, which end in CR LF each; false when it is malformed. A value
/// is without the blanks around it.
bool take_field(std::string_view& lines, std::string_view& name, std::string_view& value);

}  // namespace http
