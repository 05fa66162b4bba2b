#pragma once
// Where an address is, by the operator's MaxMind database. The file's content is copied when it is
// opened, so that a file overwritten in place can never crash a running program; a replaced file
// is noticed and opened, a damaged one is refused while the old content stays in use.

#include "base/result.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace enrich {

/// English names, as in the database.
struct Place {
  std::string continent;
  std::string country;
  std::string region;
  std::string city;
  std::optional<double> latitude;
  std::optional<double> longitude;
};

/// Threads: one at a time.
class GeoDatabase {
 public:
  /// kIo or kCorrupt names the file and what is wrong with it.
  static base::Result<std::unique_ptr<GeoDatabase>> open(const std::string& path);
  GeoDatabase(const GeoDatabase&) = delete;
  GeoDatabase& operator=(const GeoDatabase&) = delete;
  ~GeoDatabase();

  /// Empty for what is no address or is not in the database. Lifetime: until the next call.
  const Place& find(std::string_view address);
  /// Opens the file again when it is another than the one in use; true when it did. A file that
  /// cannot be used is an error once, and is not tried again before it changes.
  base::Result<bool> reload_if_changed();

 private:
  struct Content;
  /// What tells one state of the file from another.
  struct Signature {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t bytes = 0;
    std::int64_t changed_ns = 0;
    friend bool operator==(const Signature&, const Signature&) = default;
  };
  GeoDatabase(std::string path, std::unique_ptr<Content> content, Signature signature);
  static base::Result<Signature> signature_of(const std::string& path);

  const std::string path_;
  std::unique_ptr<Content> content_;
  Signature signature_;
  std::string last_address_;  ///< Events of one request share their address.
  Place last_place_;
};

}  // namespace enrich
