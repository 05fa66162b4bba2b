#include "enrich/geo.h"

#include <maxminddb.h>

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <initializer_list>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace enrich {
namespace {

constexpr std::size_t kCopyBytes = std::size_t{1} << 20U;

/// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  const int fd_;
};

base::Error geo_error(const std::string& path, int os_error) {
  return base::os_fail("geo file \"" + path + "\"", os_error);
}

bool write_all(int fd, const char* bytes, std::size_t count) {
  while (count > 0) {
    const ssize_t written = ::write(fd, bytes, count);
    if (written < 0 && errno != EINTR) {
      return false;
    }
    const auto done = static_cast<std::size_t>(written > 0 ? written : 0);
    bytes += done;
    count -= done;
  }
  return true;
}

/// Copies the whole file to `to`; 0, or errno.
int copy_file(int from, int to) {
  std::vector<char> buffer(kCopyBytes);
  while (true) {
    const ssize_t count = ::read(from, buffer.data(), buffer.size());
    if (count == 0) {
      return 0;
    }
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0 || !write_all(to, buffer.data(), static_cast<std::size_t>(count))) {
      return errno;
    }
  }
}

/// An address as libmaxminddb takes it.
struct SocketAddress {
  sockaddr_storage storage{};
  bool ok = false;
};

SocketAddress parse(std::string_view text) {
  SocketAddress address;
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  if (text.empty() || text.size() >= buffer.size()) {
    return address;
  }
  text.copy(buffer.data(), text.size());
  auto& v4 = reinterpret_cast<sockaddr_in&>(address.storage);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(address.storage);
  if (inet_pton(AF_INET, buffer.data(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    address.ok = true;
  } else if (inet_pton(AF_INET6, buffer.data(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    address.ok = true;
  }
  return address;
}

}  // namespace

/// A private copy of the file, opened.
struct GeoDatabase::Content {
  Content() = default;
  Content(const Content&) = delete;
  Content& operator=(const Content&) = delete;
  ~Content() {
    if (open) {
      MMDB_close(&database);
    }
  }
  static base::Result<std::unique_ptr<Content>> load(const std::string& path);

  [[nodiscard]] Place find(const sockaddr_storage& address) const;

  MMDB_s database{};
  bool open = false;
};

namespace {

std::optional<MMDB_entry_data_s> value_at(MMDB_entry_s entry,
                                          std::initializer_list<const char*> path) {
  std::vector<const char*> keys(path);
  keys.push_back(nullptr);
  MMDB_entry_data_s data{};
  if (MMDB_aget_value(&entry, &data, keys.data()) != MMDB_SUCCESS || !data.has_data) {
    return std::nullopt;
  }
  return data;
}

std::string text_at(const MMDB_entry_s& entry, std::initializer_list<const char*> path) {
  const auto data = value_at(entry, path);
  return data && data->type == MMDB_DATA_TYPE_UTF8_STRING
             ? std::string(data->utf8_string, data->data_size)
             : std::string();
}

std::optional<double> number_at(const MMDB_entry_s& entry,
                                std::initializer_list<const char*> path) {
  const auto data = value_at(entry, path);
  return data && data->type == MMDB_DATA_TYPE_DOUBLE ? std::optional(data->double_value)
                                                     : std::nullopt;
}

}  // namespace

base::Result<std::unique_ptr<GeoDatabase::Content>> GeoDatabase::Content::load(
    const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    return geo_error(path, errno);
  }
  // The library maps the file into memory; a mapped file that someone shortens kills the process.
  const Descriptor copy(::memfd_create("geo", MFD_CLOEXEC));
  if (copy.get() < 0) {
    return geo_error(path, errno);
  }
  if (const int os_error = copy_file(file.get(), copy.get()); os_error != 0) {
    return geo_error(path, os_error);
  }
  auto content = std::make_unique<Content>();
  const std::string copy_path = "/proc/self/fd/" + std::to_string(copy.get());
  const int status = MMDB_open(copy_path.c_str(), MMDB_MODE_MMAP, &content->database);
  if (status != MMDB_SUCCESS) {
    return base::fail(base::Code::kCorrupt, "geo file \"" + path + "\": " + MMDB_strerror(status));
  }
  content->open = true;
  return content;
}

Place GeoDatabase::Content::find(const sockaddr_storage& address) const {
  Place place;
  int error = MMDB_SUCCESS;
  MMDB_lookup_result_s result =
      MMDB_lookup_sockaddr(&database, reinterpret_cast<const sockaddr*>(&address), &error);
  if (error != MMDB_SUCCESS || !result.found_entry) {
    return place;
  }
  const MMDB_entry_s& entry = result.entry;
  place.continent = text_at(entry, {"continent", "names", "en"});
  place.country = text_at(entry, {"country", "names", "en"});
  place.region = text_at(entry, {"subdivisions", "0", "names", "en"});
  place.city = text_at(entry, {"city", "names", "en"});
  place.latitude = number_at(entry, {"location", "latitude"});
  place.longitude = number_at(entry, {"location", "longitude"});
  return place;
}

GeoDatabase::GeoDatabase(std::string path, std::unique_ptr<Content> content, Signature signature)
    : path_(std::move(path)), content_(std::move(content)), signature_(signature) {}

GeoDatabase::~GeoDatabase() = default;

base::Result<GeoDatabase::Signature> GeoDatabase::signature_of(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) {
    return geo_error(path, errno);
  }
  return Signature{.device = status.st_dev,
                   .inode = status.st_ino,
                   .bytes = status.st_size,
                   .changed_ns = status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec};
}

base::Result<std::unique_ptr<GeoDatabase>> GeoDatabase::open(const std::string& path) {
  // The signature first: what changes while it is read is then read again.
  auto signature = signature_of(path);
  if (!signature) {
    return signature.error();
  }
  auto content = Content::load(path);
  if (!content) {
    return content.error();
  }
  return std::unique_ptr<GeoDatabase>(
      new GeoDatabase(path, *std::move(content), *signature));  // NOLINT: private constructor
}

base::Result<bool> GeoDatabase::reload_if_changed() {
  const auto signature = signature_of(path_);
  if (!signature || *signature == signature_) {
    return false;  // gone for a moment: whoever replaces it is not done
  }
  signature_ = *signature;
  auto content = Content::load(path_);
  if (!content) {
    return content.error();
  }
  content_ = *std::move(content);
  last_address_.clear();
  last_place_ = {};
  return true;
}

const Place& GeoDatabase::find(std::string_view address) {
  if (address != last_address_) {
    last_address_ = address;
    const SocketAddress parsed = parse(address);
    last_place_ = parsed.ok ? content_->find(parsed.storage) : Place{};
  }
  return last_place_;
}

}  // namespace enrich
