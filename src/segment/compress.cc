#include "segment/compress.h"

#include "segment/compressed.h"
#include "segment/scanner.h"
#include "segment/source.h"
#include "segment/survey.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace segment {
namespace {

constexpr std::size_t kBlocksBetweenWrites = 4;

struct Content {
  Survey found;
  std::vector<Block> starts;  ///< Per block; packed_bytes not yet known.
};

/// What the plain segment holds, and which record starts first in every block.
base::Result<Content> look_at(Source& source, Position first, Position last) {
  Scanner scanner(source, first);
  if (const base::Status opened = scanner.open(); !opened) {
    return opened.error();
  }
  Content out;
  const Visit note_start = [&out](Place place, std::string_view) {
    const std::uint64_t number = place.offset / kBlockBytes;
    out.starts.resize(std::max<std::size_t>(out.starts.size(), number + 1));
    Block& block = out.starts[number];
    if (block.record_offset == Block::kNoRecord) {
      block.record_offset = static_cast<std::uint32_t>(place.offset % kBlockBytes);
      block.position = place.position;
    }
  };
  base::Result<Survey> found = survey(scanner, source, last, note_start);
  if (!found) {
    return found.error();
  }
  out.found = std::move(*found);
  return out;
}

/// Frames of `plain` into `target`; fills in the index as it goes. Returns the file's length.
base::Result<std::uint64_t> write_blocks(io::File& plain, io::File& target, codec::Effort effort,
                                         BlockIndex& index) {
  std::uint64_t written = 0;
  std::uint64_t handed_over = 0;
  std::string bytes;
  for (std::size_t i = 0; i < index.blocks.size(); ++i) {
    const std::uint64_t offset = std::uint64_t{i} * kBlockBytes;
    bytes.resize(std::min<std::uint64_t>(kBlockBytes, index.plain_bytes - offset));
    // Straight from the file: a sector that cannot be read now must not be made final.
    const base::Result<std::size_t> got = plain.read_at(offset, bytes);
    if (!got) {
      return got.error();
    }
    const std::string packed = codec::zstd_records(std::string_view(bytes).substr(0, *got), effort);
    if (const base::Status done = target.write_at(written, packed); !done) {
      return done.error();
    }
    index.blocks[i].packed_bytes = static_cast<std::uint32_t>(packed.size());
    written += packed.size();
    if (i % kBlocksBetweenWrites == 0) {
      // The journal's syncs would wait behind all of it at the end.
      target.write_out(std::exchange(handed_over, written), written);
    }
  }
  return written;
}

base::Status write_compressed(io::File& plain, io::File& target, codec::Effort effort,
                              const Content& content) {
  BlockIndex index;
  index.plain_bytes = content.found.end + content.found.tail_bytes;
  index.last = content.found.last;
  index.blocks = content.starts;
  index.blocks.resize((index.plain_bytes + kBlockBytes - 1) / kBlockBytes);
  const base::Result<std::uint64_t> end = write_blocks(plain, target, effort, index);
  if (!end) {
    return end.error();
  }
  const base::Status done = target.write_at(*end, encode_index(index));
  return done ? target.sync_data() : done;
}

bool same(const Survey& left, const Survey& right) {
  return left.last == right.last && left.end == right.end && left.records == right.records &&
         left.payload_bytes == right.payload_bytes && left.tail_bytes == right.tail_bytes &&
         left.damages.size() == right.damages.size();
}

/// Every record's checksum is looked at once more before the plain file goes.
base::Status compare(io::FileSystem& files, const std::string& path, Position first, Position last,
                     const Survey& expected) {
  base::Result<std::unique_ptr<io::File>> file = files.open(path, io::OpenMode::kRead);
  if (!file) {
    return file.error();
  }
  const base::Result<std::unique_ptr<Source>> source = compressed_source(std::move(*file), first);
  if (!source) {
    return source.error();
  }
  const base::Result<Content> found = look_at(**source, first, last);
  if (!found) {
    return found.error();
  }
  return same(found->found, expected)
             ? base::ok()
             : base::fail(base::Code::kInternal,
                          "'" + path + "' does not read back as the segment it was made from");
}

/// Which segment, and where it goes.
struct Job {
  const std::string& folder;
  Position first = 0;
  Position last = 0;
  codec::Effort effort = codec::Effort::kSmall;
  std::string temporary;
};

base::Status make_compressed(io::FileSystem& files, const Job& job) {
  base::Result<std::unique_ptr<io::File>> opened =
      files.open(io::join(job.folder, Name{job.first, false}.text()), io::OpenMode::kRead);
  if (!opened) {
    return opened.error();
  }
  const std::shared_ptr<io::File> plain = std::move(*opened);
  const base::Result<Content> content =
      look_at(*plain_source(plain, job.first), job.first, job.last);
  if (!content) {
    return content.error();
  }
  const base::Result<std::unique_ptr<io::File>> target =
      files.open(job.temporary, io::OpenMode::kCreate);
  if (!target) {
    return target.error();
  }
  if (const base::Status written = write_compressed(*plain, **target, job.effort, *content);
      !written) {
    return written;
  }
  return compare(files, job.temporary, job.first, job.last, content->found);
}

}  // namespace

base::Status compress_segment(io::FileSystem& files, const std::string& folder, Position first,
                              Position last, codec::Effort effort) {
  const std::string plain = io::join(folder, Name{first, false}.text());
  const std::string target = io::join(folder, Name{first, true}.text());
  const std::string temporary = target + ".tmp";
  if (files.exists(temporary)) {
    if (const base::Status removed = files.remove(temporary); !removed) {
      return removed;
    }
  }
  base::Status done = make_compressed(files, {folder, first, last, effort, temporary});
  if (done) {
    done = files.rename(temporary, target);
  }
  if (!done) {
    static_cast<void>(files.remove(temporary));
    return done;
  }
  // The new name must be durable before the old file goes.
  if (const base::Status synced = files.sync_directory(folder); !synced) {
    return synced;
  }
  return files.remove(plain);
}

}  // namespace segment
