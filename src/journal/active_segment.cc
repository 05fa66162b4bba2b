#include "journal/active_segment.h"

#include "journal/spare.h"

#include <cerrno>
#include <utility>

namespace journal {
namespace {

/// A file of this name was left by a creation that did not end: it holds no record that was ever
/// answered, because its name is the next position.
base::Result<std::unique_ptr<io::File>> create_empty(io::FileSystem& files,
                                                     const std::string& path) {
  base::Result<std::unique_ptr<io::File>> file = files.open(path, io::OpenMode::kCreate);
  if (file || file.error().code != base::Code::kExists) {
    return file;
  }
  file = files.open(path, io::OpenMode::kReadWrite);
  if (file) {
    if (const base::Status emptied = (*file)->truncate(0); !emptied) {
      return emptied.error();
    }
  }
  return file;
}

base::Status prepare(io::FileSystem& files, io::File& file, const ActiveSegment::Plan& plan) {
  base::Status done = file.allocate(plan.bytes);
  if (done) {
    done = file.write_at(0, segment::encode_header(plan.header));
  }
  if (done) {
    done = file.sync_data();
  }
  if (done) {
    done = files.sync_directory(plan.folder);
  }
  return done;
}

/// Without descriptors or memory nothing can be opened, and nothing is done: a later try may work.
base::Error of_opening(base::Error error) {
  if (error.os_error == EMFILE || error.os_error == ENFILE || error.os_error == ENOMEM) {
    error.code = base::Code::kUnavailable;
  }
  return error;
}

/// The spare under the name of the segment. It gets that name with its header on the disk already,
/// so no crash leaves a segment that is not whole.
base::Status rename_spare(io::FileSystem& files, io::File& spare, const ActiveSegment::Plan& plan,
                          const std::string& path) {
  const std::string spare_path = io::join(plan.folder, kSpareName);
  base::Status done = spare.write_at(0, segment::encode_header(plan.header));
  if (done) {
    done = spare.sync_data();
  }
  if (done) {
    done = files.rename(spare_path, path);
  }
  if (!done) {
    static_cast<void>(files.remove(spare_path));
  }
  return done;
}

}  // namespace

ActiveSegment::ActiveSegment(std::shared_ptr<io::File> file, const segment::Header& header,
                             std::uint64_t end, std::uint64_t bytes)
    : file_(std::move(file)), header_(header), end_(end), bytes_(bytes) {}

base::Result<std::unique_ptr<ActiveSegment>> ActiveSegment::create(
    io::FileSystem& files, const Plan& plan, std::shared_ptr<io::File> spare) {
  const std::string path = io::join(plan.folder, segment::Name{plan.header.first, false}.text());
  // A spare that fails held nothing: the segment is made without it.
  if (spare != nullptr && rename_spare(files, *spare, plan, path)) {
    if (const base::Status synced = files.sync_directory(plan.folder); !synced) {
      static_cast<void>(files.remove(path));
      return of_opening(synced.error());
    }
    return std::make_unique<ActiveSegment>(std::move(spare), plan.header, segment::kHeaderBytes,
                                           plan.bytes);
  }
  base::Result<std::unique_ptr<io::File>> file = create_empty(files, path);
  if (!file) {
    return of_opening(file.error());
  }
  if (const base::Status done = prepare(files, **file, plan); !done) {
    static_cast<void>(files.remove(path));
    return of_opening(done.error());
  }
  return std::make_unique<ActiveSegment>(std::move(*file), plan.header, segment::kHeaderBytes,
                                         plan.bytes);
}

void ActiveSegment::finish() {
  // A failure only leaves zeros behind the last record, and these read as its end.
  static_cast<void>(file_->truncate(end_));
  bytes_ = end_;
}

base::Status ActiveSegment::write(std::string_view records) {
  base::Status written = file_->write_at(end_, records);
  if (written) {
    end_ += records.size();
    return written;
  }
  if (written.error().code != base::Code::kUnavailable) {
    return written;
  }
  // A part of the records may have arrived. Whole ones among them would come back after a crash
  // beside others that got their positions, so the file has to end where it ended.
  if (const base::Status cut = file_->truncate(end_); !cut) {
    return base::fail(base::Code::kIo, written.error().message + "; " + cut.error().message);
  }
  if (const base::Status cut = file_->sync_data(); !cut) {
    return base::fail(base::Code::kIo, written.error().message + "; " + cut.error().message);
  }
  bytes_ = end_;
  return written;
}

}  // namespace journal
