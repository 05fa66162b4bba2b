#include "journal/keeper.h"

#include "segment/compress.h"
#include "segment/scanner.h"
#include "segment/source.h"
#include "segment/survey.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace journal {
namespace {

base::Result<std::uint64_t> file_bytes(io::FileSystem& files, const std::string& path) {
  const base::Result<std::unique_ptr<io::File>> file = files.open(path, io::OpenMode::kRead);
  return file ? (*file)->size() : base::Result<std::uint64_t>(file.error());
}

/// The end of the segment that nobody follows.
base::Result<Position> last_position(io::FileSystem& files, const std::string& folder,
                                     const segment::Name& name) {
  const base::Result<std::unique_ptr<segment::Source>> source =
      segment::open_source(files, folder, name);
  if (!source) {
    return source.error();
  }
  segment::Scanner scanner(**source, name.first);
  if (const base::Status opened = scanner.open(); !opened) {
    return opened.error();
  }
  const base::Result<segment::Survey> found = segment::survey(scanner, **source, 0, {});
  return found ? found->last : base::Result<Position>(found.error());
}

/// When the segment was begun; nothing when its header cannot say so any more.
std::optional<base::Time> created(io::FileSystem& files, const std::string& folder,
                                  const SegmentInfo& info) {
  const base::Result<std::unique_ptr<segment::Source>> source =
      segment::open_source(files, folder, {info.first, info.compressed});
  if (!source) {
    return std::nullopt;
  }
  segment::Scanner scanner(**source, info.first);
  if (const base::Status opened = scanner.open(); !opened || !scanner.header_damage().empty()) {
    return std::nullopt;
  }
  return scanner.header().created;
}

/// Removes the plain file where a crash came between the compressed one's name and its removal.
base::Status remove_leftovers(io::FileSystem& files, const std::string& folder) {
  const base::Result<std::vector<segment::Name>> names = segment::list_names(files, folder);
  if (!names) {
    return names.error();
  }
  for (const segment::Name& name : *names) {
    const std::string plain = io::join(folder, segment::Name{name.first, false}.text());
    if (!name.compressed || !files.exists(plain)) {
      continue;
    }
    // The rename may still be on its way to the disk.
    if (const base::Status synced = files.sync_directory(folder); !synced) {
      return synced;
    }
    if (const base::Status removed = files.remove(plain); !removed) {
      return removed;
    }
  }
  return base::ok();
}

}  // namespace

base::Result<std::vector<SegmentInfo>> list_quickly(io::FileSystem& files,
                                                    const std::string& folder) {
  const base::Result<std::vector<segment::Name>> names = segment::list_names(files, folder);
  if (!names) {
    return names.error();
  }
  std::vector<SegmentInfo> out;
  for (std::size_t i = 0; i < names->size(); ++i) {
    const segment::Name& name = (*names)[i];
    const base::Result<std::uint64_t> bytes = file_bytes(files, io::join(folder, name.text()));
    if (!bytes) {
      if (bytes.error().code == base::Code::kNotFound) {
        continue;  // Removed or renamed since the look at the folder.
      }
      return bytes.error();
    }
    SegmentInfo info;
    info.name = name.text();
    info.first = name.first;
    info.bytes = *bytes;
    info.sealed = i + 1 < names->size();
    info.last = info.sealed ? (*names)[i + 1].first - 1 : 0;
    info.compressed = name.compressed;
    out.push_back(std::move(info));
  }
  return out;
}

base::Result<std::vector<SegmentInfo>> list_segments(io::FileSystem& files,
                                                     const std::string& folder) {
  base::Result<std::vector<SegmentInfo>> out = list_quickly(files, folder);
  if (!out || out->empty()) {
    return out;
  }
  SegmentInfo& active = out->back();
  const base::Result<Position> last =
      last_position(files, folder, {active.first, active.compressed});
  if (!last) {
    return last.error();
  }
  active.last = *last;
  return out;
}

base::Result<bool> compress_one(io::FileSystem& files, const std::string& folder,
                                codec::Effort effort) {
  if (const base::Status removed = remove_leftovers(files, folder); !removed) {
    return removed.error();
  }
  const base::Result<std::vector<segment::Name>> names = segment::list_names(files, folder);
  if (!names) {
    return names.error();
  }
  base::Status failed = base::ok();
  for (std::size_t i = 0; i + 1 < names->size(); ++i) {
    if ((*names)[i].compressed) {
      continue;
    }
    base::Status done = segment::compress_segment(files, folder, (*names)[i].first,
                                                  (*names)[i + 1].first - 1, effort);
    if (done) {
      return true;
    }
    // One bad segment does not keep the others waiting, a full disk does.
    failed = std::move(done);
    if (failed.error().code == base::Code::kUnavailable) {
      break;
    }
  }
  return failed ? base::Result<bool>(false) : base::Result<bool>(failed.error());
}

base::Result<std::uint64_t> expire(io::FileSystem& files, const base::Clock& clock,
                                   const std::string& folder, const Retention& retention,
                                   Position sealed_through) {
  if (retention.age_max.count() == 0 && retention.bytes_max == 0) {
    return std::uint64_t{0};
  }
  // A plain file that outlived the removal of its compressed one would make a hole.
  if (const base::Status removed = remove_leftovers(files, folder); !removed) {
    return removed.error();
  }
  const base::Result<std::vector<SegmentInfo>> segments = list_quickly(files, folder);
  if (!segments) {
    return segments.error();
  }
  std::uint64_t bytes = 0;
  for (const SegmentInfo& info : *segments) {
    bytes += info.bytes;
  }
  std::uint64_t removed = 0;
  for (std::size_t i = 0; i + 1 < segments->size(); ++i) {
    const SegmentInfo& info = (*segments)[i];
    if (!info.sealed || info.last > sealed_through) {
      break;
    }
    const bool too_many = retention.bytes_max != 0 && bytes > retention.bytes_max;
    // Its youngest record is as old as the segment behind it.
    const std::optional<base::Time> ended = created(files, folder, (*segments)[i + 1]);
    const bool too_old = retention.age_max.count() != 0 && ended.has_value() &&
                         clock.now() - *ended > retention.age_max;
    if (!too_many && !too_old) {
      break;
    }
    // One after the other, so that no crash leaves an older one behind a hole.
    if (const base::Status synced = files.sync_directory(folder); !synced) {
      return synced.error();
    }
    if (const base::Status gone = files.remove(io::join(folder, info.name)); !gone) {
      return gone.error();
    }
    bytes -= info.bytes;
    ++removed;
  }
  if (removed > 0) {
    if (const base::Status synced = files.sync_directory(folder); !synced) {
      return synced.error();
    }
  }
  return removed;
}

}  // namespace journal
