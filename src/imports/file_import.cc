#include "imports/file_import.h"

#include "codec/hash.h"
#include "imports/packer.h"

#include <utility>

namespace imports {
namespace {

constexpr std::uint64_t kPartLines = 1000;
constexpr std::size_t kPartBytes = std::size_t{1} << 20U;
/// Goes into every id: other rules for the making of records get another number.
constexpr std::string_view kRules = "1";

std::string chain_of(std::string_view before, std::string_view text) {
  std::string all(before);
  all.append("\n").append(text);
  return codec::to_hex(codec::hash128(all));
}

std::string name_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

}  // namespace

base::Result<std::unique_ptr<FileImport>> FileImport::open(io::FileSystem& files,
                                                           const std::string& path,
                                                           const Reading& reading) {
  base::Result<std::unique_ptr<LineSource>> lines =
      LineSource::open(files, path, line_bytes_max(reading.format));
  if (!lines) {
    return std::move(lines).error();
  }
  return std::make_unique<FileImport>(*std::move(lines), name_of(path), reading);
}

FileImport::FileImport(std::unique_ptr<LineSource> lines, std::string name, const Reading& reading)
    : lines_(std::move(lines)),
      name_(std::move(name)),
      reading_(reading),
      parser_(make_parser(reading)),
      chain_(chain_of(kRules, std::string(format_name(reading.format)) + "\n" + reading.event_name +
                                  "\n" + std::to_string(reading.utc_offset.count()))) {}

base::Result<std::optional<Part>> FileImport::next() {
  Packer packer(reading_, name_, same_);
  Part part;
  std::string text;
  while (part.lines < kPartLines && text.size() < kPartBytes) {
    const base::Result<std::optional<Line>> line = lines_->next();
    if (!line) {
      return base::fail(line.error().code, name_ + ", behind line " + std::to_string(line_) + ": " +
                                               line.error().message);
    }
    if (!*line) {
      break;
    }
    line_ = (*line)->number;
    ++part.lines;
    text.append((*line)->text).append("\n");
    if ((*line)->too_long) {
      packer.refuse((*line)->text,
                    "it is longer than " + std::to_string(line_bytes_max(reading_.format)) +
                        " bytes; its beginning is kept",
                    line_);
      continue;
    }
    Parsed parsed = parser_->parse((*line)->text);
    for (Unit& unit : parsed.units) {
      packer.add(std::move(unit), line_);
    }
    for (const Trouble& trouble : parsed.troubles) {
      packer.refuse(trouble.text.empty() ? (*line)->text : trouble.text, trouble.reason, line_);
    }
  }
  if (part.lines == 0) {
    return std::optional<Part>();
  }
  chain_ = chain_of(chain_, text);
  part.records = packer.records(chain_);
  return std::optional<Part>(std::move(part));
}

}  // namespace imports
