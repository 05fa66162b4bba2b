// The memory of ids on disk: a run that was written and then damaged, and any bytes as a run or as
// the manifest. What is read was written, or it is called damaged.

#include "base/check.h"
#include "io/memory_file_system.h"
#include "loader/dedup/manifest.h"
#include "loader/dedup/run.h"
#include "loader/dedup/run_writer.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

using loader::dedup::Entry;
using loader::dedup::Place;
using loader::dedup::Run;

const std::string kName = loader::dedup::run_name(1);

Entry entry_of(std::uint64_t number) {
  return {codec::hash128(std::to_string(number)), {number + 1, 0, 1'700'000'000}};
}

void check_damage(const base::Error& error) { CHECK(error.code == base::Code::kCorrupt); }

/// A run of the first `count` numbers.
std::string run_of(std::uint64_t count) {
  io::MemoryFileSystem files;
  CHECK(files.create_directories("d"));
  auto writer = loader::dedup::RunWriter::create(files, "d", kName, count);
  CHECK(writer.has_value());
  std::vector<Entry> entries;
  for (std::uint64_t number = 0; number < count; ++number) {
    entries.push_back(entry_of(number));
  }
  std::ranges::sort(entries, loader::dedup::before);
  for (const Entry& entry : entries) {
    CHECK((*writer)->add(entry));
  }
  CHECK((*writer)->finish());
  return files.content("d/" + kName);
}

void look_at(const std::string& bytes, std::uint64_t written) {
  io::MemoryFileSystem files;
  files.set_content("d/" + kName, bytes);
  const auto run = Run::open(files, "d", kName);
  if (!run) {
    check_damage(run.error());
    return;
  }
  for (std::uint64_t number = 0; number < written + 20; ++number) {
    std::vector<Place> places;
    if (const auto found = (*run)->find(entry_of(number).id, places); !found) {
      check_damage(found.error());
    } else if (written > 0) {
      CHECK(places.size() == (number < written ? 1U : 0U));
      CHECK(places.empty() || places[0].position == number + 1);
    }
  }
}

/// Three bytes each: where, and what to put there.
std::string damaged(std::string bytes, std::string_view changes) {
  for (; changes.size() >= 3; changes.remove_prefix(3)) {
    const std::size_t at = static_cast<std::uint8_t>(changes[0]) * std::size_t{256} +
                           static_cast<std::uint8_t>(changes[1]);
    bytes[at % bytes.size()] = changes[2];
  }
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::uint64_t count = 1 + data[1];
  if (data[0] % 3 == 0) {
    look_at(damaged(run_of(count), bytes), count);
  } else if (data[0] % 3 == 1) {
    look_at(std::string(bytes), 0);
  } else {
    io::MemoryFileSystem files;
    CHECK(files.create_directories("d"));
    loader::dedup::Manifest manifest;
    manifest.through = count;
    manifest.runs = {kName};
    CHECK(loader::dedup::write_manifest(files, "d", manifest));
    const auto names = files.list("d");
    CHECK(names.has_value());
    for (const std::string& name : *names) {
      files.set_content("d/" + name, std::string(bytes));
    }
    if (const auto read = loader::dedup::read_manifest(files, "d"); !read) {
      check_damage(read.error());
    }
  }
  return 0;
}
