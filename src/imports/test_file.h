#pragma once
// For tests and fuzz targets: text as an export file, its records, and the rows they become.

#include "api/clevertap/decode.h"
#include "api/clickstream/decode.h"
#include "api/mobile_analytics/decode.h"
#include "api/segmentstream/decode.h"
#include "base/check.h"
#include "event/imported.h"
#include "imports/file_import.h"
#include "io/memory_file_system.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace imports {

inline void put_file(io::FileSystem& files, const std::string& path, std::string_view bytes) {
  CHECK(files.create_directories("exports").has_value());
  auto file = files.open(path, io::OpenMode::kCreate);
  CHECK(file.has_value() && (*file)->write_at(0, bytes).has_value());
}

struct ReadFile {
  std::vector<std::string> records;
  std::uint64_t lines = 0;
  std::string failure;
};

inline ReadFile read_file(std::string_view bytes, const Reading& reading) {
  io::MemoryFileSystem files;
  put_file(files, "exports/file.json", bytes);
  ReadFile out;
  auto file = FileImport::open(files, "exports/file.json", reading);
  CHECK(file.has_value());
  for (;;) {
    auto part = (*file)->next();
    if (!part || !*part) {
      out.failure = part ? "" : part.error().message;
      return out;
    }
    out.lines += (*part)->lines;
    for (std::string& record : (*part)->records) {
      out.records.push_back(std::move(record));
    }
  }
}

/// As the loader decodes what `catchment import` has stored.
inline event::Decoded decode_record(std::string_view bytes) {
  auto record = event::decode_record(bytes);
  CHECK(record.has_value());
  record->notes.push_back({event::kImportedAtNote, "1700000000000000"});
  record->notes.push_back({"client", "published"});
  record->notes.push_back({"limits", "lenient"});
  switch (record->api) {
    case event::Api::kClickstream: return api::clickstream::decode(*record);
    case event::Api::kClevertap: return api::clevertap::decode(*record);
    case event::Api::kMobileAnalytics: return api::mobile_analytics::decode(*record);
    case event::Api::kSegmentstream: return api::segmentstream::decode(*record);
  }
  return {};
}

inline event::Decoded decode_all(const ReadFile& file) {
  event::Decoded all;
  for (const std::string& bytes : file.records) {
    event::Decoded one = decode_record(bytes);
    for (event::Event& event : one.events) {
      all.events.push_back(std::move(event));
    }
    for (event::ProfileChange& change : one.profiles) {
      all.profiles.push_back(std::move(change));
    }
    for (event::Rejection& rejection : one.rejections) {
      all.rejections.push_back(std::move(rejection));
    }
  }
  return all;
}

inline event::Decoded rows_of(std::string_view bytes, const Reading& reading) {
  return decode_all(read_file(bytes, reading));
}

/// What a fuzz target holds: a file is the same records each time, and each is one that can be
/// decoded, refused ones as one rejection.
inline void check_file(std::string_view bytes, Format format) {
  const Reading reading{format, "shop", "Named", std::chrono::hours(1)};
  const ReadFile file = read_file(bytes, reading);
  CHECK(read_file(bytes, reading).records == file.records);
  for (const std::string& record : file.records) {
    const auto read = event::decode_record(record);
    CHECK(read.has_value() && read->app_id == "shop" && read->note(event::kImportNote));
    const event::Decoded decoded = decode_record(record);
    const bool refused = read->kind == event::RecordKind::kRefused;
    CHECK(!refused || (decoded.rejections.size() == 1 && decoded.events.empty()));
    for (const event::Event& event : decoded.events) {
      CHECK(event.app_id == "shop");
      CHECK(!event.event_id.empty());
    }
  }
}

}  // namespace imports
