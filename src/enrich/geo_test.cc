#include "enrich/geo.h"

#include "enrich/mmdb_testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <unistd.h>

namespace enrich {
namespace {

using ::testing::HasSubstr;

/// A file that is removed again.
class GeoFile {
 public:
  GeoFile() : path_(::testing::TempDir() + "geo_test.XXXXXX") {
    const int fd = ::mkstemp(path_.data());
    EXPECT_GE(fd, 0);
    ::close(fd);
  }
  GeoFile(const GeoFile&) = delete;
  GeoFile& operator=(const GeoFile&) = delete;
  ~GeoFile() { ::unlink(path_.c_str()); }

  /// Overwrites the file in place.
  void write(std::string_view bytes) const {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
  }
  /// Puts another file in its place.
  void replace(std::string_view bytes) const {
    const std::string other = path_ + ".new";
    std::ofstream(other, std::ios::binary) << bytes;
    ASSERT_EQ(std::rename(other.c_str(), path_.c_str()), 0);
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::unique_ptr<GeoDatabase> open(const GeoFile& file) {
  auto opened = GeoDatabase::open(file.path());
  EXPECT_TRUE(opened) << opened.error().message;
  return *std::move(opened);
}

TEST(Geo, KnowsThePlacesOfItsFile) {
  const GeoFile file;
  file.write(mmdb_with("Schertz"));
  const auto geo = open(file);
  const Place place = geo->find("192.0.2.77");
  EXPECT_EQ(place.continent, "North America");
  EXPECT_EQ(place.country, "United States");
  EXPECT_EQ(place.region, "Texas");
  EXPECT_EQ(place.city, "Schertz");
  EXPECT_EQ(place.latitude, 29.55);
  EXPECT_EQ(place.longitude, -98.27);
  EXPECT_EQ(geo->find("198.51.100.1").country, "Norway");
  EXPECT_EQ(geo->find("198.51.100.1").city, "");
  EXPECT_FALSE(geo->find("198.51.100.1").latitude);
}

TEST(Geo, UnknownOrMalformedAddressIsNowhere) {
  const GeoFile file;
  file.write(mmdb_with("Schertz"));
  const auto geo = open(file);
  for (const char* address : {"192.0.3.1", "127.0.0.1", "2001:db8::1", "", "somewhere",
                              "192.0.2.1, 192.0.2.2", "999.1.1.1"}) {
    EXPECT_EQ(geo->find(address).country, "") << address;
  }
}

TEST(Geo, ReplacedFileIsReadAgain) {
  const GeoFile file;
  file.write(mmdb_with("Old Town"));
  const auto geo = open(file);
  EXPECT_EQ(geo->find("192.0.2.1").city, "Old Town");
  auto reloaded = geo->reload_if_changed();
  ASSERT_TRUE(reloaded);
  EXPECT_FALSE(*reloaded);
  file.replace(mmdb_with("Newer Town"));
  reloaded = geo->reload_if_changed();
  ASSERT_TRUE(reloaded);
  EXPECT_TRUE(*reloaded);
  EXPECT_EQ(geo->find("192.0.2.1").city, "Newer Town");
}

TEST(Geo, FileThatIsCutInPlaceChangesNothing) {
  const GeoFile file;
  file.write(mmdb_with("Schertz"));
  const auto geo = open(file);
  file.write("");
  EXPECT_EQ(geo->find("192.0.2.1").city, "Schertz");
  const auto reloaded = geo->reload_if_changed();
  ASSERT_FALSE(reloaded);
  EXPECT_THAT(reloaded.error().message, HasSubstr(file.path()));
  EXPECT_TRUE(geo->reload_if_changed());  // said once
  EXPECT_EQ(geo->find("192.0.2.2").city, "Schertz");
  file.replace(mmdb_with("Repaired"));
  EXPECT_TRUE(geo->reload_if_changed());
  EXPECT_EQ(geo->find("192.0.2.2").city, "Repaired");
}

TEST(Geo, FileThatIsNoDatabaseIsNamed) {
  const GeoFile file;
  file.write("hello");
  const auto damaged = GeoDatabase::open(file.path());
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code, base::Code::kCorrupt);
  EXPECT_THAT(damaged.error().message, HasSubstr(file.path()));
  EXPECT_FALSE(GeoDatabase::open("/does/not/exist.mmdb"));
}

TEST(Geo, DamagedBytesAnywhereDoNoHarm) {
  const std::string whole = mmdb_with("Schertz");
  const GeoFile file;
  for (std::size_t at = 0; at < whole.size(); at += 7) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x5a);
    file.write(damaged);
    const auto geo = GeoDatabase::open(file.path());
    if (geo) {
      (*geo)->find("192.0.2.1");
      (*geo)->find("198.51.100.1");
    }
  }
}

}  // namespace
}  // namespace enrich
