#pragma once
// The lines of a file, plain or gzip, read piece by piece. Threads: one at a time.

#include "base/result.h"
#include "codec/gunzip_stream.h"
#include "io/file_system.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace imports {

struct Line {
  std::uint64_t number = 0;  ///< From 1.
  std::string_view text;     ///< Without its end.
  bool too_long = false;     ///< `text` is the beginning of it.
};

class LineSource {
 public:
  /// Lifetime: `files` outlives it.
  static base::Result<std::unique_ptr<LineSource>> open(io::FileSystem& files,
                                                        const std::string& path,
                                                        std::size_t line_bytes_max);
  /// For open().
  LineSource(std::unique_ptr<io::File> file, std::uint64_t bytes, std::size_t line_bytes_max)
      : file_(std::move(file)), bytes_(bytes), line_bytes_max_(line_bytes_max) {}
  LineSource(const LineSource&) = delete;
  LineSource& operator=(const LineSource&) = delete;

  /// Lines with nothing in them are passed over. Nothing at the end of the file; kInvalid for gzip
  /// that is damaged or cut short, and then no line that may lack its end. Lifetime: until the next
  /// call.
  base::Result<std::optional<Line>> next();

  /// Of the file as it lies on disk.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] std::uint64_t bytes_read() const { return offset_; }

 private:
  base::Result<bool> fill();
  base::Result<bool> read_piece();
  std::optional<Line> take(std::size_t end);

  const std::unique_ptr<io::File> file_;
  const std::uint64_t bytes_;
  const std::size_t line_bytes_max_;
  std::uint64_t offset_ = 0;
  std::string piece_;
  std::unique_ptr<codec::GunzipStream> gunzip_;
  bool began_ = false;
  bool ended_ = false;
  std::string text_;  // read and not given yet, from at_ on
  std::size_t at_ = 0;
  std::size_t searched_ = 0;  // no line ends before
  bool dropping_ = false;     // the rest of a line that is too long
  std::string line_;
  std::uint64_t number_ = 0;
};

}  // namespace imports
