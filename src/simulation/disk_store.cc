#include "simulation/disk_store.h"

#include "simulation/traffic.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace simulation {
namespace {

using store::duckdb::FileEntry;
using store::duckdb::Manifest;

constexpr std::string_view kMagic = "PAR1";
constexpr std::string_view kTableFolder = "event";
constexpr std::string_view kDayFolder = "event/date=2026-11-21";
constexpr std::uint64_t kFileBytesMax = std::uint64_t{64} << 20U;

}  // namespace

base::Result<std::unique_ptr<DiskStore>> DiskStore::open(io::FileSystem& files, std::string folder,
                                                         std::function<base::Status()> settle) {
  auto opened = std::make_unique<DiskStore>(files, std::move(folder), std::move(settle));
  if (auto made = files.create_directories(opened->folder_); !made) {
    return made.error();
  }
  auto manifest = store::duckdb::load_manifest(opened->folder_, files);
  if (!manifest) {
    return manifest.error();
  }
  if (auto removed = store::duckdb::remove_unlisted(*manifest, opened->folder_, files); !removed) {
    return removed.error();
  }
  opened->manifest_ = std::move(*manifest);
  opened->last_generation_ = opened->manifest_.generation;
  opened->visible_ = opened->manifest_.sealed;
  return opened;
}

base::Status DiskStore::append(store::Batch batch) {
  if (batch.through <= visible_) {
    misuse_ = "rows up to " + std::to_string(batch.through) + " were appended behind " +
              std::to_string(visible_);
  }
  for (const event::Event* row : batch.events.rows()) {
    const event::Event& event = *row;
    const auto position = static_cast<Position>(event.journal_position.value_or(0));
    if (position <= visible_ || position > batch.through) {
      misuse_ = "a row of " + std::to_string(position) + " came in a batch from " +
                std::to_string(visible_ + 1) + " to " + std::to_string(batch.through);
    }
    hot_.push_back("E " + event_row(position, event.api, event.event_name, event.event_id));
  }
  for (const event::RejectedRow& row : batch.rejected) {
    hot_.push_back("R " + std::to_string(row.journal_position.value_or(0)));
  }
  visible_ = std::max(visible_, batch.through);
  return base::ok();
}

base::Status DiskStore::write_file(const std::string& path, const std::string& text) {
  const std::string temporary = path + ".tmp";
  if (files_.exists(temporary)) {
    if (auto removed = files_.remove(temporary); !removed) {
      return removed;
    }
  }
  auto file = files_.open(temporary, io::OpenMode::kCreate);
  if (!file) {
    return file.error();
  }
  if (auto written = (*file)->write_at(0, text); !written) {
    return written;
  }
  if (auto synced = (*file)->sync_data(); !synced) {
    return synced;
  }
  if (auto renamed = files_.rename(temporary, path); !renamed) {
    return renamed;
  }
  for (const std::string_view below : {kDayFolder, kTableFolder}) {
    if (auto synced = files_.sync_directory(io::join(folder_, below)); !synced) {
      return synced;
    }
  }
  return files_.sync_directory(folder_);
}

base::Result<FileEntry> DiskStore::write(const std::vector<std::string>& rows,
                                         std::uint64_t generation) {
  if (auto made = files_.create_directories(io::join(folder_, kDayFolder)); !made) {
    return made.error();
  }
  FileEntry entry;
  entry.path = std::string(kDayFolder) + "/" + std::to_string(generation) + ".parquet";
  entry.rows = rows.size();
  std::string text(kMagic);
  for (const std::string& row : rows) {
    text += row + "\n";
  }
  text += kMagic;
  entry.bytes = text.size();
  if (auto written = write_file(io::join(folder_, entry.path), text); !written) {
    return written.error();
  }
  return entry;
}

base::Status DiskStore::seal() {
  Manifest manifest = manifest_;
  manifest.generation = ++last_generation_;
  manifest.sealed = visible_;
  if (!hot_.empty()) {
    auto entry = write(hot_, manifest.generation);
    if (!entry) {
      return entry.error();
    }
    entry->column_set = store::duckdb::current_column_set(entry->table, manifest);
    manifest.files.push_back(std::move(*entry));
  }
  if (auto settled = settle_(); !settled) {
    return settled;
  }
  if (auto saved = store::duckdb::save_manifest(manifest, folder_, files_); !saved) {
    return saved;
  }
  manifest_ = std::move(manifest);
  hot_.clear();
  return base::ok();
}

base::Result<bool> DiskStore::compact() {
  if (manifest_.files.size() < 2) {
    return false;
  }
  std::vector<std::string> rows;
  for (const FileEntry& entry : manifest_.files) {
    auto some = read(entry);
    if (!some) {
      return some.error();
    }
    rows.insert(rows.end(), some->begin(), some->end());
  }
  Manifest manifest = manifest_;
  manifest.generation = ++last_generation_;
  auto merged = write(rows, manifest.generation);
  if (!merged) {
    return merged.error();
  }
  merged->column_set = store::duckdb::current_column_set(merged->table, manifest);
  manifest.files = {std::move(*merged)};
  if (auto saved = store::duckdb::save_manifest(manifest, folder_, files_); !saved) {
    return saved.error();
  }
  for (const FileEntry& entry : manifest_.files) {
    static_cast<void>(files_.remove(io::join(folder_, entry.path)));
  }
  manifest_ = std::move(manifest);
  return true;
}

base::Status DiskStore::clear() {
  Manifest manifest = manifest_;
  manifest.generation = ++last_generation_;
  manifest.files.clear();
  manifest.sealed = 0;
  if (auto saved = store::duckdb::save_manifest(manifest, folder_, files_); !saved) {
    return saved;
  }
  for (const FileEntry& entry : manifest_.files) {
    static_cast<void>(files_.remove(io::join(folder_, entry.path)));
  }
  manifest_ = std::move(manifest);
  hot_.clear();
  visible_ = 0;
  return base::ok();
}

store::Stats DiskStore::stats() const {
  store::Stats stats;
  stats.visible = visible_;
  stats.sealed = manifest_.sealed;
  stats.hot_rows = hot_.size();
  stats.files = manifest_.files.size();
  return stats;
}

base::Result<store::QueryResult> DiskStore::query(std::string_view /*sql*/,
                                                  store::ResultFormat /*format*/,
                                                  const store::QueryLimits& /*limits*/) {
  return store::QueryResult{};  // no record is put aside whole, and nothing else is asked
}

base::Result<std::vector<std::string>> DiskStore::read(const FileEntry& entry) {
  auto text = io::read_file(files_, io::join(folder_, entry.path), kFileBytesMax);
  if (!text) {
    return text.error();
  }
  std::string_view left = *text;
  left.remove_prefix(kMagic.size());
  left.remove_suffix(kMagic.size());
  std::vector<std::string> rows;
  while (!left.empty()) {
    const std::size_t end = left.find('\n');
    rows.emplace_back(left.substr(0, end));
    left.remove_prefix(end + 1);
  }
  return rows;
}

base::Result<std::vector<std::string>> DiskStore::rows() {
  std::vector<std::string> all = hot_;
  for (const FileEntry& entry : manifest_.files) {
    auto some = read(entry);
    if (!some) {
      return some.error();
    }
    all.insert(all.end(), some->begin(), some->end());
  }
  return all;
}

}  // namespace simulation
