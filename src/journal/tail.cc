#include "journal/tail.h"

#include "segment/scanner.h"
#include "segment/source.h"
#include "segment/survey.h"

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>
#include <vector>

namespace journal {
namespace {

constexpr std::string_view kTemporary = ".tmp";

base::Status remove_temporary(io::FileSystem& files, const std::string& folder) {
  const base::Result<std::vector<std::string>> names = files.list(folder);
  if (!names) {
    return names.error();
  }
  for (const std::string& name : *names) {
    if (name.ends_with(kTemporary)) {
      if (const base::Status removed = files.remove(io::join(folder, name)); !removed) {
        return removed;
      }
    }
  }
  return base::ok();
}

/// After a failed sync the kernel may count pages as clean that never reached the disk; a restarted
/// program reads them from memory as if all was well. Writing the bytes again makes the next sync
/// carry them.
base::Status write_again(io::File& file, std::uint64_t end, std::uint64_t bytes_max) {
  const std::uint64_t start = end > bytes_max ? end - bytes_max : 0;
  std::string bytes(end - start, '\0');
  const base::Result<std::size_t> got = file.read_at(start, bytes);
  if (!got) {
    return got.error();
  }
  return file.write_at(start, std::string_view(bytes).substr(0, *got));
}

/// What recovery works on: the last segment.
struct Last {
  segment::Name name;
  std::shared_ptr<io::File> file;  ///< Null when the segment is compressed.
  segment::Header header;
  std::string header_damage;
  segment::Survey found;
  bool tail_fails = false;  ///< The disk cannot read what lies behind the last whole record.

  /// Its records cannot be told apart any more: the salt is lost with the header.
  [[nodiscard]] bool unreadable() const {
    return !header_damage.empty() && found.records == 0 && found.tail_bytes > 0;
  }
  [[nodiscard]] bool whole() const {
    return file != nullptr && header_damage.empty() && found.damages.empty();
  }
};

base::Result<Last> look_at(io::FileSystem& files, const Options& options,
                           const segment::Name& name) {
  Last last{name, nullptr, {}, {}, {}, false};
  std::unique_ptr<segment::Source> source;
  if (name.compressed) {
    base::Result<std::unique_ptr<segment::Source>> opened =
        segment::open_source(files, options.folder, name);
    if (!opened) {
      return opened.error();
    }
    source = std::move(*opened);
  } else {
    base::Result<std::unique_ptr<io::File>> file =
        files.open(io::join(options.folder, name.text()), io::OpenMode::kReadWrite);
    if (!file) {
      return file.error();
    }
    last.file = std::move(*file);
    source = segment::plain_source(last.file, name.first);
  }
  segment::Scanner scanner(*source, name.first);
  if (const base::Status opened = scanner.open(); !opened) {
    return base::fail(opened.error().code, name.text() + ": " + opened.error().message);
  }
  base::Result<segment::Survey> found = segment::survey(scanner, *source, 0, {});
  if (!found) {
    return found.error();
  }
  last.found = std::move(*found);
  last.header = scanner.header();
  last.header_damage = scanner.header_damage();
  if (last.file != nullptr) {
    std::string tail(last.found.tail_bytes, '\0');
    const base::Result<std::size_t> got = last.file->read_at(last.found.end, tail);
    last.tail_fails = !got && got.error().os_error == EIO;
  }
  return last;
}

/// Cuts the torn end and makes the rest durable.
base::Status settle(const Last& last, const Options& options) {
  if (last.found.tail_bytes > 0) {
    if (const base::Status cut = last.file->truncate(last.found.end); !cut) {
      return cut;
    }
  }
  if (options.sync == SyncMode::kOff) {
    return base::ok();
  }
  if (last.whole()) {
    const std::uint64_t bytes_max = std::max(options.group_bytes_max, options.record_bytes_max);
    if (const base::Status written = write_again(*last.file, last.found.end, bytes_max); !written) {
      return written;
    }
  }
  return last.file->sync_data();
}

/// The segment to go on in; null when the disk has no room for the rest of it.
base::Result<std::unique_ptr<ActiveSegment>> resume(const Last& last, const Options& options) {
  const base::Result<std::uint64_t> size = last.file->size();
  if (!size) {
    return size.error();
  }
  const std::uint64_t bytes = std::max(*size, options.segment_bytes);
  base::Status done = last.file->allocate(bytes);
  if (done && options.sync != SyncMode::kOff) {
    done = last.file->sync_data();
  }
  if (done) {
    return std::make_unique<ActiveSegment>(last.file, last.header, last.found.end, bytes);
  }
  if (done.error().code == base::Code::kUnavailable) {
    return std::unique_ptr<ActiveSegment>();
  }
  return done.error();
}

base::Status recover_last(const Last& last, const Options& options, Tail& tail) {
  Recovery& recovery = tail.recovery;
  recovery.damages = last.found.damages;
  recovery.last = last.found.last;
  if (last.unreadable()) {
    const std::uint64_t end = last.found.end + last.found.tail_bytes;
    recovery.last = segment::position_limit(last.name.first, last.found.end, end);
    recovery.damages.push_back({last.name.first, recovery.last, last.header_damage});
    return base::ok();
  }
  if (last.file == nullptr) {
    return base::ok();
  }
  if (last.tail_fails) {
    // Not torn: records that were answered may lie there, and be read again some day.
    const std::uint64_t end = last.found.end + last.found.tail_bytes;
    recovery.last = segment::position_limit(last.found.last + 1, last.found.end, end);
    recovery.damages.push_back(
        {last.found.last + 1, recovery.last, "the disk cannot read the end of the segment"});
    return base::ok();
  }
  if (last.found.tail_bytes > 0) {
    recovery.cut_bytes = last.found.tail_bytes;
    recovery.cut_reason = last.name.text() + " at byte " + std::to_string(last.found.end) + ": " +
                          last.found.tail_reason;
  }
  if (const base::Status settled = settle(last, options); !settled) {
    return settled;
  }
  if (last.whole() && options.position_floor <= last.found.last) {
    base::Result<std::unique_ptr<ActiveSegment>> active = resume(last, options);
    if (!active) {
      return active.error();
    }
    tail.active = std::move(*active);
  }
  return base::ok();
}

}  // namespace

base::Result<Tail> recover_tail(io::FileSystem& files, const Options& options) {
  if (const base::Status made = files.create_directories(options.folder); !made) {
    return made.error();
  }
  if (const base::Status removed = remove_temporary(files, options.folder); !removed) {
    return removed.error();
  }
  if (options.sync != SyncMode::kOff) {
    // A process that ended may have made or removed a segment, and its name is not yet as durable
    // as it looks: records would vanish with the one, or hide behind the other.
    if (base::Status synced = files.sync_directory(options.folder); !synced) {
      return synced.error();
    }
  }
  const base::Result<std::vector<segment::Name>> names = segment::list_names(files, options.folder);
  if (!names) {
    return names.error();
  }
  Tail tail;
  if (!names->empty()) {
    const base::Result<Last> last = look_at(files, options, names->back());
    if (!last) {
      return last.error();
    }
    if (const base::Status done = recover_last(*last, options, tail); !done) {
      return done.error();
    }
  }
  tail.recovery.end = tail.recovery.last;
  tail.recovery.last = std::max(tail.recovery.last, options.position_floor);
  tail.next = tail.recovery.last + 1;
  return tail;
}

void log_recovery(base::Log& log, const Recovery& recovery) {
  if (recovery.cut_bytes > 0) {
    log.warning(
        "journal tail was torn and is cut",
        {{"bytes", static_cast<std::int64_t>(recovery.cut_bytes)}, {"where", recovery.cut_reason}});
  }
  for (const Damage& damage : recovery.damages) {
    log.error("journal records are damaged", {{"first", static_cast<std::int64_t>(damage.first)},
                                              {"last", static_cast<std::int64_t>(damage.last)},
                                              {"reason", damage.reason}});
  }
}

}  // namespace journal
