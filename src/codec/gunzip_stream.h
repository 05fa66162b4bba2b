#pragma once
// Unpacks gzip piece by piece, for files that do not fit into memory. Whole buffers are quicker
// with gunzip() (compression.h). Threads: one at a time.

#include "base/result.h"

#include <memory>
#include <string>
#include <string_view>

namespace codec {

class GunzipStream {
 public:
  GunzipStream();
  GunzipStream(const GunzipStream&) = delete;
  GunzipStream& operator=(const GunzipStream&) = delete;
  ~GunzipStream();

  /// Lifetime: `packed` is read by next() until it gives nothing more. The piece before it must
  /// have been read to its end.
  void give(std::string_view packed);
  /// The next stretch of text, at most 64 KiB; empty when more has to be given. Members that follow
  /// each other are one text. kInvalid when the bytes are damaged. Lifetime: until the next call.
  base::Result<std::string_view> next();
  /// True when the bytes given so far end where a member does: the file is not cut short.
  [[nodiscard]] bool whole() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace codec
