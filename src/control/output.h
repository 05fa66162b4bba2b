#pragma once
// Where a command writes: the terminal it was typed in, or the socket of the client that sent it.

#include <string_view>

namespace control {

/// Threads: one at a time.
class Output {
 public:
  Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  virtual ~Output() = default;

  virtual void out(std::string_view text) = 0;  ///< Standard output.
  virtual void err(std::string_view text) = 0;  ///< Standard error.
  /// Words for the program behind the output, about what was written before them; most do nothing
  /// with them.
  virtual void mark(std::string_view note) { static_cast<void>(note); }
  /// False when nobody reads any more: a command that goes on for ever then ends.
  virtual bool alive() = 0;
  /// True when standard output is a terminal: colours and progress bars are welcome.
  [[nodiscard]] virtual bool terminal() const = 0;
};

}  // namespace control
