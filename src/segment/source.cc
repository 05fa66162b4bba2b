#include "segment/source.h"

#include "segment/compressed.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace segment {
namespace {

constexpr std::size_t kPageBytes = 4096;
constexpr char kUnreadable = '\xff';

class PlainSource final : public Source {
 public:
  PlainSource(std::shared_ptr<io::File> file, Position first)
      : file_(std::move(file)), first_(first) {}

  base::Result<std::size_t> read_at(std::uint64_t offset, std::span<char> out) override {
    base::Result<std::size_t> got = file_->read_at(offset, out);
    if (!got && got.error().os_error == EIO) {
      return read_pages(offset, out);
    }
    return got;
  }

  base::Result<std::uint64_t> size() override { return file_->size(); }

  [[nodiscard]] Place place_of(Position) const override { return {kHeaderBytes, first_}; }

 private:
  /// A bad sector costs the page it lies in, not the whole read.
  base::Result<std::size_t> read_pages(std::uint64_t offset, std::span<char> out) {
    const base::Result<std::uint64_t> bytes = file_->size();
    if (!bytes) {
      return bytes.error();
    }
    if (offset >= *bytes) {
      return std::size_t{0};
    }
    out = out.first(std::min<std::size_t>(out.size(), *bytes - offset));
    for (std::size_t at = 0; at < out.size();) {
      const std::size_t step = std::min(kPageBytes - (offset + at) % kPageBytes, out.size() - at);
      const std::span<char> page = out.subspan(at, step);
      const base::Result<std::size_t> got = file_->read_at(offset + at, page);
      if (!got && got.error().os_error != EIO) {
        return got.error();
      }
      if (!got || *got < step) {
        std::fill(page.begin(), page.end(), kUnreadable);
      }
      at += step;
    }
    return out.size();
  }

  const std::shared_ptr<io::File> file_;
  const Position first_;
};

}  // namespace

base::Result<std::vector<Name>> list_names(io::FileSystem& files, const std::string& folder) {
  const base::Result<std::vector<std::string>> names = files.list(folder);
  if (!names) {
    return names.error();
  }
  std::vector<Name> out;
  for (const std::string& name : *names) {
    const std::optional<Name> parsed = parse_name(name);
    if (!parsed) {
      continue;
    }
    // "….seg" sorts before "….seg.zst".
    if (!out.empty() && out.back().first == parsed->first) {
      out.back() = *parsed;
    } else {
      out.push_back(*parsed);
    }
  }
  return out;
}

base::Result<std::unique_ptr<Source>> open_source(io::FileSystem& files, const std::string& folder,
                                                  const Name& name) {
  base::Result<std::unique_ptr<io::File>> file =
      files.open(io::join(folder, name.text()), io::OpenMode::kRead);
  if (!file) {
    return file.error();
  }
  return name.compressed ? compressed_source(std::move(*file), name.first)
                         : plain_source(std::move(*file), name.first);
}

std::unique_ptr<Source> plain_source(std::shared_ptr<io::File> file, Position first) {
  return std::make_unique<PlainSource>(std::move(file), first);
}

}  // namespace segment
