#include "loader/dedup/manifest.h"

#include "codec/hash.h"

#include <charconv>
#include <string_view>

namespace loader::dedup {
namespace {

using base::Code;
using base::fail;

constexpr std::string_view kFirstLine = "catchment dedup 1";
constexpr std::string_view kManifest = "manifest";
constexpr std::uint64_t kManifestBytesMax = std::uint64_t{4} << 20U;
constexpr std::string_view kRunPrefix = "ids-";
constexpr std::string_view kRunSuffix = ".run";

/// Cuts the next line off `text`.
std::string_view next_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

std::optional<std::uint64_t> number_after(std::string_view line, std::string_view word) {
  if (!line.starts_with(word)) {
    return std::nullopt;
  }
  line.remove_prefix(word.size());
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
  if (error != std::errc{} || end != line.data() + line.size()) {
    return std::nullopt;
  }
  return number;
}

std::optional<Manifest> parse(std::string_view text) {
  const std::size_t last = text.rfind("crc ");
  if (last == std::string_view::npos) {
    return std::nullopt;
  }
  std::string_view ending = text.substr(last);
  const auto crc = number_after(next_line(ending), "crc ");
  if (!crc || *crc != codec::crc32c(text.substr(0, last)) || !ending.empty()) {
    return std::nullopt;
  }
  text = text.substr(0, last);
  Manifest manifest;
  if (next_line(text) != kFirstLine) {
    return std::nullopt;
  }
  const auto through = number_after(next_line(text), "through ");
  const auto next_number = number_after(next_line(text), "next ");
  if (!through || !next_number) {
    return std::nullopt;
  }
  manifest.through = *through;
  manifest.next_number = *next_number;
  while (!text.empty()) {
    const std::string_view line = next_line(text);
    if (!is_run_name(line)) {
      return std::nullopt;
    }
    manifest.runs.emplace_back(line);
  }
  return manifest;
}

}  // namespace

base::Result<std::optional<Manifest>> read_manifest(io::FileSystem& files,
                                                    const std::string& folder) {
  const std::string path = io::join(folder, kManifest);
  if (!files.exists(path)) {
    return std::optional<Manifest>();
  }
  auto text = io::read_file(files, path, kManifestBytesMax);
  if (!text) {
    return text.error();
  }
  auto manifest = parse(*text);
  if (!manifest) {
    return fail(Code::kCorrupt, "\"" + path + "\" is damaged");
  }
  return manifest;
}

base::Status write_manifest(io::FileSystem& files, const std::string& folder,
                            const Manifest& manifest) {
  std::string text(kFirstLine);
  text += "\nthrough " + std::to_string(manifest.through);
  text += "\nnext " + std::to_string(manifest.next_number) + "\n";
  for (const std::string& run : manifest.runs) {
    text += run + "\n";
  }
  text += "crc " + std::to_string(codec::crc32c(text)) + "\n";
  return io::replace_file(files, io::join(folder, kManifest), text);
}

std::string run_name(std::uint64_t number) {
  std::string digits = std::to_string(number);
  digits.insert(0, digits.size() < 12 ? 12 - digits.size() : 0, '0');
  return std::string(kRunPrefix) + digits + std::string(kRunSuffix);
}

bool is_run_name(std::string_view name) {
  return name.size() > kRunPrefix.size() + kRunSuffix.size() && name.starts_with(kRunPrefix) &&
         name.ends_with(kRunSuffix) && name.find('/') == std::string_view::npos;
}

}  // namespace loader::dedup
