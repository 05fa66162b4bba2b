#include "store/duckdb/manifest.h"

#include "codec/hash.h"
#include "json/value.h"
#include "json/writer.h"
#include "store/duckdb/duckdb_store.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>
#include <span>
#include <utility>

namespace store::duckdb {
namespace {

constexpr std::int64_t kFormat = 1;
constexpr std::uint64_t kManifestBytesMax = std::uint64_t{256} << 20U;
constexpr std::string_view kName = "manifest.json";
constexpr std::string_view kBodyKey = "\n\"manifest\":";
constexpr std::string_view kEnd = "}\n";
constexpr std::string_view kParquetMagic = "PAR1";
constexpr std::uint64_t kReadBytes = std::uint64_t{1} << 20U;

base::Error corrupt(std::string_view what) {
  return base::fail(base::Code::kCorrupt, "manifest.json: " + std::string(what));
}

std::int64_t number(std::uint64_t value) { return static_cast<std::int64_t>(value); }

void write_file(const FileEntry& file, json::Writer& writer) {
  writer.begin_object();
  writer.key("path").string(file.path);
  writer.key("table").string(table_name(file.table));
  writer.key("date").integer(file.date);
  writer.key("rows").integer(number(file.rows));
  writer.key("bytes").integer(number(file.bytes));
  writer.key("first").integer(number(file.first));
  writer.key("last").integer(number(file.last));
  writer.key("columns").integer(file.column_set);
  if (file.crc32c) {
    writer.key("crc32c").integer(*file.crc32c);
  }
  writer.end_object();
}

std::string body_text(const Manifest& manifest) {
  json::Writer writer;
  writer.begin_object();
  writer.key("format").integer(kFormat);
  writer.key("generation").integer(number(manifest.generation));
  writer.key("sealed_position").integer(number(manifest.sealed));
  writer.key("column_sets").begin_array();
  for (const auto& names : manifest.column_sets) {
    writer.begin_array();
    for (const std::string& name : names) {
      writer.string(name);
    }
    writer.end_array();
  }
  writer.end_array();
  writer.key("files").begin_array();
  for (const FileEntry& file : manifest.files) {
    write_file(file, writer);
  }
  writer.end_array();
  writer.end_object();
  return std::move(writer).text();
}

/// A member that is a number from 0 on; `wrong` is set when it is not.
std::uint64_t count(json::Value object, std::string_view key, bool& wrong) {
  const auto value = object[key].integer();
  wrong = wrong || !value || *value < 0;
  return static_cast<std::uint64_t>(value.value_or(0));
}

base::Result<FileEntry> read_entry(json::Value value, std::size_t column_sets) {
  bool wrong = false;
  FileEntry file;
  file.path = value["path"].string().value_or("");
  const auto table = table_from_name(value["table"].string().value_or(""));
  const auto date = value["date"].integer();
  file.rows = count(value, "rows", wrong);
  file.bytes = count(value, "bytes", wrong);
  file.first = count(value, "first", wrong);
  file.last = count(value, "last", wrong);
  file.column_set = static_cast<std::uint32_t>(count(value, "columns", wrong));
  if (wrong || !table || !date || file.path.empty() || file.column_set >= column_sets) {
    return corrupt("a file's entry is not complete");
  }
  if (const auto sum = value["crc32c"].integer()) {
    file.crc32c = static_cast<std::uint32_t>(*sum);
  }
  file.table = *table;
  file.date = static_cast<std::int32_t>(*date);
  return file;
}

base::Result<Manifest> read_body(json::Value root) {
  bool wrong = false;
  Manifest manifest;
  manifest.generation = count(root, "generation", wrong);
  manifest.sealed = count(root, "sealed_position", wrong);
  if (wrong || !root["files"].is_array() || !root["column_sets"].is_array()) {
    return corrupt("a member is missing");
  }
  for (const json::Value set : root["column_sets"].elements()) {
    std::vector<std::string> names;
    for (const json::Value name : set.elements()) {
      names.emplace_back(name.string().value_or(""));
    }
    manifest.column_sets.push_back(std::move(names));
  }
  for (const json::Value value : root["files"].elements()) {
    auto file = read_entry(value, manifest.column_sets.size());
    if (!file) {
      return file.error();
    }
    manifest.files.push_back(std::move(*file));
  }
  return manifest;
}

/// The names of sub-folders that hold files, such as date=2026-11-21; none when the folder is not
/// there.
base::Result<std::vector<std::string>> days(const std::string& folder, io::FileSystem& files) {
  if (!files.exists(folder)) {
    return std::vector<std::string>{};
  }
  return files.list(folder);
}

base::Result<bool> has_files(const std::string& folder, io::FileSystem& files) {
  for (const Table table : kTables) {
    const auto names = days(io::join(folder, table_name(table)), files);
    if (!names) {
      return names.error();
    }
    if (!names->empty()) {
      return true;
    }
  }
  return false;
}

base::Error damaged_file(const FileEntry& entry, std::string_view what) {
  return base::fail(base::Code::kCorrupt, entry.path + ": " + std::string(what));
}

base::Status check_file(const FileEntry& entry, const std::string& folder, io::FileSystem& files) {
  const auto damaged = [&entry](std::string_view what) { return damaged_file(entry, what); };
  const std::string path = io::join(folder, entry.path);
  if (!files.exists(path)) {
    return damaged("the file is missing");
  }
  auto file = files.open(path, io::OpenMode::kRead);
  if (!file) {
    return file.error();
  }
  const auto size = (*file)->size();
  if (!size) {
    return size.error();
  }
  if (*size != entry.bytes || entry.bytes < 2 * kParquetMagic.size()) {
    return damaged("the file has " + std::to_string(*size) + " bytes, the manifest says " +
                   std::to_string(entry.bytes));
  }
  std::array<char, kParquetMagic.size()> magic{};
  const auto read = (*file)->read_at(entry.bytes - magic.size(), magic);
  if (!read) {
    return read.error();
  }
  if (std::string_view(magic.data(), magic.size()) != kParquetMagic) {
    return damaged("the file does not end as a Parquet file");
  }
  return base::ok();
}

/// `part` is a path below `folder`.
base::Result<std::size_t> remove_unlisted_in(const std::set<std::string>& listed,
                                             const std::string& folder, const std::string& part,
                                             io::FileSystem& files) {
  const auto names = files.list(io::join(folder, part));
  if (!names) {
    return names.error();
  }
  std::size_t removed = 0;
  for (const std::string& name : *names) {
    const std::string path = io::join(part, name);
    if (listed.contains(path)) {
      continue;
    }
    if (auto done = files.remove(io::join(folder, path)); !done) {
      return done.error();
    }
    ++removed;
  }
  return removed;
}

}  // namespace

std::string manifest_text(const Manifest& manifest) {
  const std::string body = body_text(manifest);
  return "{\"crc32c\":" + std::to_string(codec::crc32c(body)) + "," + std::string(kBodyKey) + body +
         std::string(kEnd);
}

base::Result<Manifest> parse_manifest(std::string_view text) {
  auto document = json::Document::parse(text);
  if (!document) {
    return corrupt(document.error().message);
  }
  const json::Value root = document->root();
  const json::Value body = root["manifest"];
  const auto sum = root["crc32c"].integer();
  // The checksum is of the body's bytes as they lie in the file, from the key to the last brace.
  const std::size_t begin = text.find(kBodyKey);
  if (!sum || begin == std::string_view::npos || !text.ends_with(kEnd)) {
    return corrupt("the text was not written by this program");
  }
  text.remove_prefix(begin + kBodyKey.size());
  text.remove_suffix(kEnd.size());
  if (*sum != codec::crc32c(text)) {
    return corrupt("the checksum does not fit the text");
  }
  if (body["format"].integer() != kFormat) {
    return corrupt("the format is not " + std::to_string(kFormat));
  }
  return read_body(body);
}

base::Result<std::uint32_t> checksum_of(io::File& file, std::uint64_t bytes) {
  std::vector<char> block(std::min(bytes, kReadBytes));
  std::uint32_t sum = 0;
  for (std::uint64_t offset = 0; offset < bytes;) {
    const std::uint64_t wanted = std::min(bytes - offset, kReadBytes);
    const auto read = file.read_at(offset, std::span(block).first(wanted));
    if (!read) {
      return read.error();
    }
    if (*read == 0) {
      return base::fail(base::Code::kCorrupt, "the file ends early");
    }
    sum = codec::crc32c({block.data(), *read}, sum);
    offset += *read;
  }
  return sum;
}

base::Status check_content(const FileEntry& entry, const std::string& folder,
                           io::FileSystem& files) {
  if (auto present = check_file(entry, folder, files); !present || !entry.crc32c) {
    return present;
  }
  auto file = files.open(io::join(folder, entry.path), io::OpenMode::kRead);
  if (!file) {
    return file.error();
  }
  const auto sum = checksum_of(**file, entry.bytes);
  if (!sum && sum.error().code == base::Code::kUnavailable) {
    return sum.error();
  }
  if (!sum || *sum != *entry.crc32c) {
    return damaged_file(entry, sum ? "the checksum does not fit the content"
                                   : std::string_view(sum.error().message));
  }
  return base::ok();
}

std::uint32_t current_column_set(Table table, Manifest& manifest) {
  std::vector<std::string> names;
  for (const ColumnInfo& column : table_columns(table)) {
    names.emplace_back(column.name);
  }
  const auto found = std::ranges::find(manifest.column_sets, names);
  const auto index = static_cast<std::uint32_t>(found - manifest.column_sets.begin());
  if (found == manifest.column_sets.end()) {
    manifest.column_sets.push_back(std::move(names));
  }
  return index;
}

base::Result<Manifest> load_manifest(const std::string& folder, io::FileSystem& files) {
  const std::string path = io::join(folder, kName);
  if (!files.exists(path)) {
    const auto leftover = has_files(folder, files);
    if (!leftover) {
      return leftover.error();
    }
    if (*leftover) {
      return corrupt("the file is missing, but the folder holds others");
    }
    const Manifest fresh;
    if (auto saved = save_manifest(fresh, folder, files); !saved) {
      return saved.error();
    }
    return fresh;
  }
  const auto text = io::read_file(files, path, kManifestBytesMax);
  if (!text) {
    return text.error();
  }
  auto manifest = parse_manifest(*text);
  if (!manifest) {
    return manifest;
  }
  for (const FileEntry& entry : manifest->files) {
    if (auto sound = check_file(entry, folder, files); !sound) {
      return sound.error();
    }
  }
  return manifest;
}

base::Result<std::uint64_t> saved_generation(const std::string& folder, io::FileSystem& files) {
  const auto text = io::read_file(files, io::join(folder, kName), kManifestBytesMax);
  if (!text) {
    return text.error();
  }
  const auto manifest = parse_manifest(*text);
  return manifest ? base::Result<std::uint64_t>(manifest->generation) : manifest.error();
}

base::Status save_manifest(const Manifest& manifest, const std::string& folder,
                           io::FileSystem& files) {
  return io::replace_file(files, io::join(folder, kName), manifest_text(manifest));
}

std::shared_ptr<const FileList> pin_files(const Manifest& manifest, const FileList& before,
                                          const std::string& folder, io::FileSystem& files) {
  std::map<std::string_view, std::shared_ptr<PinnedFile>> pinned;
  for (const auto& file : before) {
    pinned[file->entry.path] = file;
  }
  auto list = std::make_shared<FileList>();
  for (const FileEntry& entry : manifest.files) {
    const auto found = pinned.find(entry.path);
    list->push_back(found != pinned.end() ? found->second
                                          : std::make_shared<PinnedFile>(files, folder, entry));
  }
  return list;
}

base::Result<std::size_t> remove_unlisted(const Manifest& manifest, const std::string& folder,
                                          io::FileSystem& files) {
  std::set<std::string> listed;
  for (const FileEntry& file : manifest.files) {
    listed.insert(file.path);
  }
  std::size_t removed = 0;
  // Left by a crash; harmless when it stays.
  if (files.exists(io::join(folder, kSpillFolder))) {
    static_cast<void>(remove_unlisted_in({}, folder, std::string(kSpillFolder), files).has_value());
  }
  for (const Table table : kTables) {
    const std::string table_folder(table_name(table));
    const auto day_names = days(io::join(folder, table_folder), files);
    if (!day_names) {
      return day_names.error();
    }
    for (const std::string& day : *day_names) {
      const auto done = remove_unlisted_in(listed, folder, io::join(table_folder, day), files);
      if (!done) {
        return done;
      }
      removed += *done;
    }
  }
  return removed;
}

base::Result<std::string> move_aside(const std::string& folder_in, io::FileSystem& files,
                                     const base::Clock& clock) {
  const std::string folder = folder_in.substr(0, folder_in.find_last_not_of('/') + 1);
  const std::string first = folder + ".damaged-" + std::to_string(base::to_ms(clock.now()) / 1000);
  std::string name = first;
  for (int again = 2; files.exists(name); ++again) {
    name = first + "-" + std::to_string(again);  // the second one within a second
  }
  if (auto renamed = files.rename(folder, name); !renamed) {
    return renamed.error();
  }
  const std::size_t slash = folder.rfind('/');
  const std::string parent = slash == std::string::npos ? "." : folder.substr(0, slash);
  if (auto synced = files.sync_directory(parent); !synced) {
    return synced.error();
  }
  return name;
}

}  // namespace store::duckdb
