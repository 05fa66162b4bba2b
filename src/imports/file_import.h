#pragma once
// One export file on its way to the journal, a part at a time: some lines become records that a
// client's requests could have made, bad ones become refused records that keep them. The same file
// gives the same parts, and the same part has the same ids, so a part that comes again is known.
// Threads: one at a time.

#include "imports/format.h"
#include "imports/line_source.h"
#include "imports/parse.h"
#include "imports/same.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace imports {

/// Some lines of a file, as bytes of records (event::encode_record). What only the application and
/// the moment can say is still missing from them: limits, counts, the time of the import.
struct Part {
  std::vector<std::string> records;
  std::uint64_t lines = 0;
};

class FileImport {
 public:
  /// Lifetime: `files` outlives it.
  static base::Result<std::unique_ptr<FileImport>> open(io::FileSystem& files,
                                                        const std::string& path,
                                                        const Reading& reading);
  /// For open().
  FileImport(std::unique_ptr<LineSource> lines, std::string name, const Reading& reading);
  FileImport(const FileImport&) = delete;
  FileImport& operator=(const FileImport&) = delete;

  /// Nothing at the end. An error names the line it was reading.
  base::Result<std::optional<Part>> next();

  [[nodiscard]] std::uint64_t bytes() const { return lines_->bytes(); }
  [[nodiscard]] std::uint64_t bytes_read() const { return lines_->bytes_read(); }

 private:
  const std::unique_ptr<LineSource> lines_;
  const std::string name_;  ///< Without its folder.
  const Reading reading_;
  const std::unique_ptr<Parser> parser_;
  SameUnits same_;
  std::string chain_;  ///< Stands for all lines so far.
  std::uint64_t line_ = 0;
};

}  // namespace imports
