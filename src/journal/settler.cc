#include "journal/settler.h"

#include "segment/source.h"

#include <memory>
#include <vector>

namespace journal {

base::Status Settler::sync_segment(const std::string& path) {
  const base::Result<std::unique_ptr<io::File>> file = files_.open(path, io::OpenMode::kReadWrite);
  if (!file) {
    // Not found: compressed meanwhile, and the compressed one was synced when it was made.
    return file.error().code == base::Code::kNotFound ? base::ok() : base::Status(file.error());
  }
  failed_ = (*file)->sync_data();
  return failed_;
}

bool Settler::broken() {
  const std::lock_guard lock(mutex_);
  return !failed_;
}

base::Status Settler::settle() {
  const std::lock_guard lock(mutex_);
  if (!failed_) {
    return failed_;
  }
  const base::Result<std::vector<segment::Name>> names = segment::list_names(files_, folder_);
  if (!names) {
    return names.error();
  }
  for (const segment::Name& name : *names) {
    if (name.compressed || name.first < next_first_) {
      continue;
    }
    if (const base::Status done = sync_segment(io::join(folder_, name.text())); !done) {
      return done;
    }
  }
  if (!names->empty()) {
    next_first_ = names->back().first;
  }
  return base::ok();
}

}  // namespace journal
