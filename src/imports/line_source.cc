#include "imports/line_source.h"

#include "base/text.h"
#include "codec/compression.h"

#include <algorithm>
#include <span>
#include <utility>

namespace imports {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{256} << 10U;
/// What is kept of a line that is too long.
constexpr std::size_t kShownBytes = std::size_t{64} << 10U;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

base::Result<std::unique_ptr<LineSource>> LineSource::open(io::FileSystem& files,
                                                           const std::string& path,
                                                           std::size_t line_bytes_max) {
  base::Result<std::unique_ptr<io::File>> file = files.open(path, io::OpenMode::kRead);
  if (!file) {
    return std::move(file).error();
  }
  const base::Result<std::uint64_t> bytes = (*file)->size();
  if (!bytes) {
    return bytes.error();
  }
  return std::make_unique<LineSource>(*std::move(file), *bytes, line_bytes_max);
}

/// False at the end of the file.
base::Result<bool> LineSource::read_piece() {
  piece_.resize(kPieceBytes);
  const base::Result<std::size_t> got = file_->read_at(offset_, std::span(piece_));
  if (!got) {
    return got.error();
  }
  piece_.resize(*got);
  offset_ += *got;
  if (!began_ && codec::looks_like_gzip(piece_)) {
    gunzip_ = std::make_unique<codec::GunzipStream>();
  }
  began_ = true;
  return *got > 0;
}

/// Adds to text_; false at the end.
base::Result<bool> LineSource::fill() {
  text_.erase(0, at_);
  searched_ -= at_;
  at_ = 0;
  for (;;) {
    if (gunzip_) {
      const base::Result<std::string_view> text = gunzip_->next();
      if (!text) {
        return text.error();
      }
      if (!text->empty()) {
        text_ += *text;
        return true;
      }
    }
    const base::Result<bool> more = read_piece();
    if (!more) {
      return more.error();
    }
    if (!*more) {
      if (gunzip_ && !gunzip_->whole()) {
        return base::fail(base::Code::kInvalid, "the gzip data is cut short");
      }
      return false;
    }
    if (!gunzip_) {
      text_ += piece_;
      return true;
    }
    gunzip_->give(piece_);
  }
}

/// The line that ends at `end`, unless it is the rest of one that was given, or empty.
std::optional<Line> LineSource::take(std::size_t end) {
  std::string_view text = std::string_view(text_).substr(at_, end - at_);
  at_ = std::min(end + 1, text_.size());
  searched_ = at_;
  if (std::exchange(dropping_, false)) {
    return std::nullopt;
  }
  ++number_;
  if (number_ == 1 && text.starts_with(kByteOrderMark)) {
    text.remove_prefix(kByteOrderMark.size());
  }
  if (text.ends_with('\r')) {
    text.remove_suffix(1);
  }
  if (base::trim(text, base::kWhiteSpace).empty()) {
    return std::nullopt;
  }
  const bool too_long = text.size() > line_bytes_max_;
  line_ = too_long ? text.substr(0, kShownBytes) : text;
  return Line{number_, line_, too_long};
}

base::Result<std::optional<Line>> LineSource::next() {
  for (;;) {
    const std::size_t end = text_.find('\n', searched_);
    if (end != std::string::npos) {
      if (std::optional<Line> line = take(end)) {
        return line;
      }
      continue;
    }
    searched_ = text_.size();
    if (dropping_) {
      at_ = text_.size();
    } else if (text_.size() - at_ > line_bytes_max_) {
      std::optional<Line> line = take(text_.size());
      dropping_ = true;
      if (line) {
        return line;
      }
    }
    if (ended_) {
      return std::optional<Line>();
    }
    const base::Result<bool> more = fill();
    if (!more) {
      return more.error();
    }
    if (!*more) {
      ended_ = true;
      return at_ < text_.size() ? take(text_.size()) : std::nullopt;
    }
  }
}

}  // namespace imports
