#pragma once
// What a command that exports writes to, in the process it was typed in: gathers text up to the
// next Mark, gives it to a Target, and shows on standard error how far it is.

#include "base/clock.h"
#include "base/result.h"
#include "control/output.h"
#include "exports/target.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace exports {

struct ReceiverOptions {
  event::Position after = 0;  ///< Where the run begins.
  bool follow = false;
  bool progress = false;  ///< Standard error is a terminal: show a bar when it takes long.
  std::function<bool()> interrupted;
};

/// Threads: one at a time. Lifetime: `output` and `clock` outlive it.
class Receiver final : public control::Output {
 public:
  Receiver(std::unique_ptr<Target> target, control::Output& output, const base::Clock& clock,
           ReceiverOptions options);

  void out(std::string_view text) override;
  void err(std::string_view text) override;
  void mark(std::string_view note) override;
  bool alive() override;
  [[nodiscard]] bool terminal() const override { return false; }

  /// To be called when the command has ended with `code`. Makes durable what was taken, says up to
  /// where that is, and returns the exit code of the program.
  int finish(int code);

 private:
  void show_progress(const Mark& mark);
  void hide_progress();

  const std::unique_ptr<Target> target_;
  control::Output& output_;
  const base::Clock& clock_;
  const ReceiverOptions options_;
  const std::chrono::steady_clock::time_point begun_;
  std::string text_;  ///< Since the last mark.
  event::Position reached_;
  base::Status failure_;
  bool interrupted_ = false;
  bool bar_ = false;
};

}  // namespace exports
