#include "journal/verify.h"

#include "journal/keeper.h"
#include "segment/scanner.h"
#include "segment/source.h"
#include "segment/survey.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace journal {
namespace {

constexpr std::uint64_t kProgressBytes = std::uint64_t{16} << 20U;

/// Turns offsets in plain bytes into bytes of the file, which may be compressed.
class Reporter {
 public:
  Reporter(const Progress& progress, std::uint64_t total) : progress_(progress), total_(total) {}

  void begin(std::uint64_t file_bytes, std::uint64_t plain_bytes) {
    file_bytes_ = file_bytes;
    plain_bytes_ = std::max<std::uint64_t>(plain_bytes, 1);
    next_report_ = kProgressBytes;
  }
  void at(std::uint64_t offset) {
    if (progress_ && offset >= next_report_) {
      const double part = static_cast<double>(offset) / static_cast<double>(plain_bytes_);
      progress_(done_ + static_cast<std::uint64_t>(part * static_cast<double>(file_bytes_)),
                total_);
      next_report_ = offset + kProgressBytes;
    }
  }
  void end() {
    done_ += file_bytes_;
    if (progress_) {
      progress_(done_, total_);
    }
  }

 private:
  const Progress& progress_;
  const std::uint64_t total_;
  std::uint64_t done_ = 0;
  std::uint64_t file_bytes_ = 0;
  std::uint64_t plain_bytes_ = 1;
  std::uint64_t next_report_ = 0;
};

void add(Verdict& out, const SegmentInfo& info, const segment::Survey& found,
         const std::string& header_damage) {
  ++out.segments;
  out.records += found.records;
  out.payload_bytes += found.payload_bytes;
  if (out.first == 0 && found.records > 0) {
    // Damage at the start comes before the first record that is there.
    const bool lost = !found.damages.empty() && found.damages.front().first == info.first;
    out.first = lost ? found.damages.front().last + 1 : info.first;
  }
  out.last = std::max(out.last, found.records > 0 ? found.last : 0);
  for (const Damage& damage : found.damages) {
    out.damages.push_back({damage.first, damage.last, info.name + ": " + damage.reason});
  }
  // A last segment without anything in it is one whose creation has not ended.
  const bool begun = !info.sealed && found.records == 0 && found.tail_bytes == 0;
  if (!header_damage.empty() && !begun) {
    out.notes.push_back(info.name + ": " + header_damage);
  }
  if (!info.sealed) {
    out.tail_bytes = found.tail_bytes;
  } else if (found.tail_bytes > 0) {
    out.notes.push_back(info.name + ": " + std::to_string(found.tail_bytes) +
                        " bytes behind the last record: " + found.tail_reason);
  }
}

base::Status verify_one(io::FileSystem& files, const std::string& folder, const SegmentInfo& info,
                        Reporter& reporter, Verdict& out) {
  const base::Result<std::unique_ptr<segment::Source>> source =
      segment::open_source(files, folder, {info.first, info.compressed});
  if (!source) {
    return source.error();
  }
  const base::Result<std::uint64_t> plain_bytes = (*source)->size();
  if (!plain_bytes) {
    return plain_bytes.error();
  }
  reporter.begin(info.bytes, *plain_bytes);
  segment::Scanner scanner(**source, info.first);
  if (const base::Status opened = scanner.open(); !opened) {
    return base::fail(opened.error().code, info.name + ": " + opened.error().message);
  }
  const segment::Visit report = [&reporter](segment::Place place, std::string_view) {
    reporter.at(place.offset);
  };
  const base::Result<segment::Survey> found = segment::survey(scanner, **source, info.last, report);
  if (!found) {
    return found.error();
  }
  add(out, info, *found, scanner.header_damage());
  reporter.end();
  return base::ok();
}

}  // namespace

base::Result<Verdict> verify(io::FileSystem& files, const std::string& folder,
                             const Progress& progress) {
  const base::Result<std::vector<SegmentInfo>> segments = list_quickly(files, folder);
  if (!segments) {
    return segments.error();
  }
  std::uint64_t total = 0;
  for (const SegmentInfo& info : *segments) {
    total += info.bytes;
  }
  Reporter reporter(progress, total);
  Verdict out;
  for (const SegmentInfo& info : *segments) {
    if (const base::Status done = verify_one(files, folder, info, reporter, out); !done) {
      return done.error();
    }
  }
  return out;
}

}  // namespace journal
