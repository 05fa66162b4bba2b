#include "journal/inventory.h"

#include "segment/source.h"

#include <utility>

namespace journal {

Inventory::Inventory(io::FileSystem& files, std::string folder)
    : files_(files), folder_(std::move(folder)) {}

Inventory::Totals Inventory::totals() {
  const std::lock_guard lock(mutex_);
  const base::Result<std::vector<segment::Name>> names = segment::list_names(files_, folder_);
  if (!names || names->empty()) {
    return {};
  }
  std::map<std::string, std::uint64_t> current;
  Totals out;
  out.segments = names->size();
  for (std::size_t i = 0; i + 1 < names->size(); ++i) {
    const std::string name = (*names)[i].text();
    const auto known = bytes_by_name_.find(name);
    std::uint64_t bytes = 0;
    if (known != bytes_by_name_.end()) {
      bytes = known->second;
    } else if (const auto file = files_.open(io::join(folder_, name), io::OpenMode::kRead)) {
      bytes = (*file)->size().has_value() ? *(*file)->size() : 0;
    }
    current.emplace(name, bytes);
    out.sealed_bytes += bytes;
  }
  bytes_by_name_ = std::move(current);
  return out;
}

}  // namespace journal
