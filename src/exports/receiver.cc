#include "exports/receiver.h"

#include <array>
#include <cstdio>
#include <utility>

namespace exports {
namespace {

constexpr std::chrono::seconds kBarAfter{2};

}  // namespace

Receiver::Receiver(std::unique_ptr<Target> target, control::Output& output,
                   const base::Clock& clock, ReceiverOptions options)
    : target_(std::move(target)),
      output_(output),
      clock_(clock),
      options_(std::move(options)),
      begun_(clock.steady_now()),
      reached_(options_.after) {}

void Receiver::out(std::string_view text) {
  if (failure_) {
    text_ += text;
  }
}

void Receiver::err(std::string_view text) {
  hide_progress();
  output_.err(text);
}

void Receiver::mark(std::string_view note) {
  const std::optional<Mark> mark = parse_mark(note);
  if (!mark || !failure_) {
    return;
  }
  failure_ = target_->take(text_, *mark);
  text_.clear();
  if (failure_) {
    reached_ = mark->through;
    show_progress(*mark);
  }
}

bool Receiver::alive() {
  interrupted_ = interrupted_ || (options_.interrupted && options_.interrupted());
  return failure_ && !interrupted_;
}

int Receiver::finish(int code) {
  hide_progress();
  if (failure_) {
    failure_ = target_->finish();
  }
  if (!failure_) {
    output_.err("catchment: " + failure_.error().message + "\n");
    return 1;
  }
  output_.err("exported through position " + std::to_string(reached_) + "\n");
  if (interrupted_) {
    return options_.follow ? 0 : 1;
  }
  return code;
}

void Receiver::show_progress(const Mark& mark) {
  if (!options_.progress || options_.follow || mark.last <= options_.after ||
      clock_.steady_now() - begun_ < kBarAfter) {
    return;
  }
  constexpr int kWidth = 30;
  const double part = static_cast<double>(reached_ - options_.after) /
                      static_cast<double>(mark.last - options_.after);
  const int filled = static_cast<int>(part * kWidth);
  std::string bar(static_cast<std::size_t>(filled), '#');
  bar.resize(kWidth, ' ');
  std::array<char, 96> line{};
  std::snprintf(line.data(), line.size(), "\r[%s] %3d%%  position %llu of %llu", bar.c_str(),
                static_cast<int>(part * 100), static_cast<unsigned long long>(reached_),
                static_cast<unsigned long long>(mark.last));
  output_.err(line.data());
  bar_ = true;
}

void Receiver::hide_progress() {
  if (bar_) {
    output_.err("\r\x1b[K");
    bar_ = false;
  }
}

}  // namespace exports
