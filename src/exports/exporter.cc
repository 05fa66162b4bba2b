#include "exports/exporter.h"

#include "exports/mark.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace exports {
namespace {

constexpr std::chrono::milliseconds kIdle{500};
constexpr std::chrono::hours kCopyDeadline{24};
constexpr std::uint64_t kFirstStretch = 1024;
constexpr std::uint64_t kStretchMax = std::uint64_t{1} << 24U;
/// One record's rows are read whatever they weigh: a request is a few megabytes at most, but every
/// row repeats its context.
constexpr std::uint64_t kRecordBytesMax = std::uint64_t{1} << 30U;
constexpr int kAttempts = 20;
constexpr std::size_t kCopyBytes = std::size_t{256} << 10U;

/// Rows as parts of lines.
class Parts final : public store::RowSink {
 public:
  struct Part {
    std::string text;
    event::Position through = 0;
    std::int64_t hour = 0;
  };

  Parts(LineWriter& writer, bool by_hour, std::uint64_t part_bytes)
      : writer_(writer), by_hour_(by_hour), part_bytes_(part_bytes) {}

  void begin() override {
    parts.clear();
    rows = 0;
    bytes_ = 0;
  }
  void row(std::span<const store::Field> fields) override {
    const Row row(fields);
    if (parts.empty() || ends_before(row)) {
      parts.emplace_back();
    }
    Part& part = parts.back();
    const std::size_t before = part.text.size();
    writer_.write(row, part.text);
    bytes_ += part.text.size() - before;
    part.through = row.position();
    part.hour = row.hour();
    ++rows;
  }
  [[nodiscard]] std::size_t bytes() const override { return bytes_; }

  std::vector<Part> parts;
  std::uint64_t rows = 0;

 private:
  [[nodiscard]] bool ends_before(const Row& row) const {
    const Part& part = parts.back();
    return row.position() != part.through &&
           (part.text.size() >= part_bytes_ || (by_hour_ && row.hour() != part.hour));
  }

  LineWriter& writer_;
  const bool by_hour_;
  const std::uint64_t part_bytes_;
  std::size_t bytes_ = 0;
};

class Run {
 public:
  Run(const Request& request, const Source& source, control::Output& output, const Stretch& stretch)
      : request_(request),
        source_(source),
        output_(output),
        stretch_(stretch),
        writer_(make_line_writer(request.shape, request.owner, request.chosen)),
        parts_(*writer_, request.by_hour, stretch.part_bytes),
        at_(request.range.after),
        last_(request.range.through) {}

  base::Status work() {
    if (request_.header) {
      output_.out(writer_->header());
    }
    mark(0);
    while (output_.alive()) {
      if (at_ < last_) {
        if (auto done = step(); !done) {
          return done;
        }
      } else if (!request_.follow) {
        return base::ok();
      } else {
        source_.wait_visible(at_ + 1, kIdle);
        last_ = std::max(last_, source_.store.visible_position());
        mark(0);
      }
    }
    return base::ok();
  }

 private:
  /// One stretch, or a try that says how long the next one should be.
  base::Status step() {
    store::EventRange range = request_.range;
    range.after = at_;
    range.through = std::min(last_, at_ + width_);
    const bool one = range.through == at_ + 1;
    store::QueryLimits limits;
    limits.rows_max = one ? 0 : stretch_.rows * 4;
    limits.text_bytes_max = one ? kRecordBytesMax : stretch_.text_bytes_max;
    const base::Status read = source_.store.read_events(range, columns(), limits, parts_);
    if (!read) {
      return shrink(read.error(), range.through);
    }
    failures_ = 0;
    if (parts_.rows > stretch_.rows) {
      width_ = std::max<std::uint64_t>(1, width_ / 2);
    } else if (parts_.rows < stretch_.rows / 2) {
      width_ = std::min(kStretchMax, width_ * 2);
    }
    hand_over(range.through);
    return base::ok();
  }

  base::Status shrink(const base::Error& error, event::Position through) {
    if (error.code == base::Code::kTooLarge && width_ > 1) {
      width_ = std::max<std::uint64_t>(1, std::min(width_, through - at_) / 4);
      return base::ok();
    }
    // Rows that were visible are not while the store is derived again: they come back.
    if (error.code == base::Code::kUnavailable) {
      const bool visible = source_.wait_visible(through, kIdle);
      width_ = visible ? std::max<std::uint64_t>(1, width_ / 2) : width_;
      failures_ += visible ? 1 : 0;
      return failures_ < kAttempts ? base::ok() : base::Status(error);
    }
    return error;
  }

  /// Blocks while nobody takes the text.
  void hand_over(event::Position through) {
    for (const Parts::Part& part : parts_.parts) {
      if (!output_.alive()) {
        return;
      }
      output_.out(part.text);
      at_ = part.through;
      mark(part.hour);
    }
    at_ = through;
    mark(0);
    parts_.begin();
  }

  void mark(std::int64_t hour) { output_.mark(mark_text({at_, last_, hour})); }

  const Request& request_;
  const Source& source_;
  control::Output& output_;
  const Stretch stretch_;
  const std::unique_ptr<LineWriter> writer_;
  Parts parts_;
  event::Position at_;
  event::Position last_;
  std::uint64_t width_ = kFirstStretch;
  int failures_ = 0;
};

base::Status send_file(io::File& file, const Request& request, control::Output& output) {
  std::string bytes(kCopyBytes, '\0');
  for (std::uint64_t offset = 0; output.alive();) {
    const auto read = file.read_at(offset, bytes);
    if (!read) {
      return read.error();
    }
    if (*read == 0) {
      output.mark(mark_text({request.range.through, request.range.through, 0}));
      break;
    }
    output.out(std::string_view(bytes).substr(0, *read));
    output.mark(mark_text({request.range.after, request.range.through, 0}));
    offset += *read;
  }
  return base::ok();
}

/// The engine writes the file whole beside its own; from there it goes to whoever asked.
base::Status run_copy(const Request& request, const Source& source, control::Output& output) {
  store::QueryLimits limits;
  limits.deadline = kCopyDeadline;
  const auto path = source.store.copy_events(request.range, limits);
  if (!path) {
    return path.error();
  }
  const auto file = source.files.open(*path, io::OpenMode::kRead);
  const base::Status done = file ? send_file(**file, request, output) : base::Status(file.error());
  const base::Status removed = source.files.remove(*path);
  return done ? removed : done;
}

}  // namespace

base::Status run(const Request& request, const Source& source, control::Output& output,
                 const Stretch& stretch) {
  if (request.shape == Shape::kParquet) {
    return run_copy(request, source, output);
  }
  return Run(request, source, output, stretch).work();
}

}  // namespace exports
