#pragma once
// For the tests of this room: writes small MaxMind databases. Holds IPv4 networks; enough of the
// format (search tree with 24-bit records, data section, metadata) for libmaxminddb to read it.

#include <array>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace enrich {

/// A value of the data section.
struct MmdbValue;
using MmdbMap = std::vector<std::pair<std::string, MmdbValue>>;
using MmdbArray = std::vector<MmdbValue>;
struct MmdbValue {
  std::variant<std::string, double, std::uint16_t, std::uint32_t, std::uint64_t, MmdbMap, MmdbArray>
      value;
};

class MmdbWriter {
 public:
  /// Every address of `network` (in host byte order) with `prefix_bits` gets `value`.
  void add(std::uint32_t network, unsigned prefix_bits, const MmdbValue& value) {
    const std::size_t offset = data_.size();
    append(value, data_);
    std::size_t node = 0;
    for (unsigned bit = 0; bit < prefix_bits; ++bit) {
      const unsigned side = network >> (31 - bit) & 1U;
      Record& record = nodes_[node][side];
      if (bit + 1 == prefix_bits) {
        record = {Record::kData, offset};
      } else if (record.kind != Record::kNode) {
        record = {Record::kNode, nodes_.size()};
        node = nodes_.size();
        nodes_.emplace_back();
      } else {
        node = record.value;
      }
    }
  }
  [[nodiscard]] std::string bytes() const {
    std::string out;
    for (const auto& node : nodes_) {
      for (const Record& record : node) {
        append_number(number_of(record), 3, out);
      }
    }
    out.append(16, '\0');
    out += data_;
    out += "\xab\xcd\xefMaxMind.com";
    append(metadata(), out);
    return out;
  }

 private:
  struct Record {
    enum Kind : std::uint8_t { kEmpty, kNode, kData } kind = kEmpty;
    std::size_t value = 0;
  };
  [[nodiscard]] std::uint64_t number_of(const Record& record) const {
    switch (record.kind) {
      case Record::kNode: return record.value;
      case Record::kData: return nodes_.size() + 16 + record.value;
      case Record::kEmpty: break;
    }
    return nodes_.size();
  }
  [[nodiscard]] MmdbValue metadata() const {
    return {MmdbMap{{"binary_format_major_version", {std::uint16_t{2}}},
                    {"binary_format_minor_version", {std::uint16_t{0}}},
                    {"build_epoch", {std::uint64_t{1}}},
                    {"database_type", {std::string("Test-City")}},
                    {"description", {MmdbMap{{"en", {std::string("test")}}}}},
                    {"ip_version", {std::uint16_t{4}}},
                    {"languages", {MmdbArray{{std::string("en")}}}},
                    {"node_count", {static_cast<std::uint32_t>(nodes_.size())}},
                    {"record_size", {std::uint16_t{24}}}}};
  }
  static void append_number(std::uint64_t number, int bytes, std::string& out) {
    for (int i = bytes - 1; i >= 0; --i) {
      out += static_cast<char>(number >> (8U * static_cast<unsigned>(i)) & 0xffU);
    }
  }
  static void append_control(unsigned type, std::size_t size, std::string& out) {
    out += static_cast<char>((type < 8 ? type << 5U : 0U) | (size < 29 ? size : 29));
    if (type >= 8) {
      out += static_cast<char>(type - 7);
    }
    if (size >= 29) {
      out += static_cast<char>(size - 29);
    }
  }
  static void append(const MmdbValue& value, std::string& out) {
    if (const auto* text = std::get_if<std::string>(&value.value)) {
      append_control(2, text->size(), out);
      out += *text;
    } else if (const auto* number = std::get_if<double>(&value.value)) {
      std::uint64_t bits = 0;
      std::memcpy(&bits, number, sizeof bits);
      append_control(3, 8, out);
      append_number(bits, 8, out);
    } else if (const auto* tiny = std::get_if<std::uint16_t>(&value.value)) {
      append_control(5, 2, out);
      append_number(*tiny, 2, out);
    } else if (const auto* small = std::get_if<std::uint32_t>(&value.value)) {
      append_control(6, 4, out);
      append_number(*small, 4, out);
    } else if (const auto* large = std::get_if<std::uint64_t>(&value.value)) {
      append_control(9, 8, out);
      append_number(*large, 8, out);
    } else if (const auto* map = std::get_if<MmdbMap>(&value.value)) {
      append_control(7, map->size(), out);
      for (const auto& [key, member] : *map) {
        append({key}, out);
        append(member, out);
      }
    } else if (const auto* array = std::get_if<MmdbArray>(&value.value)) {
      append_control(11, array->size(), out);
      for (const MmdbValue& element : *array) {
        append(element, out);
      }
    }
  }

  std::vector<std::array<Record, 2>> nodes_{1};
  std::string data_;
};

/// {"names": {"en": text}}
inline MmdbValue mmdb_name(std::string text) {
  return {MmdbMap{{"names", {MmdbMap{{"en", {std::move(text)}}}}}}};
}

/// A database in which 192.0.2.0/24 lies in `city`, and 198.51.100.0/24 in a country only.
inline std::string mmdb_with(const std::string& city) {
  MmdbWriter writer;
  writer.add(0xc0000200, 24,
             {MmdbMap{{"city", mmdb_name(city)},
                      {"continent", mmdb_name("North America")},
                      {"country", mmdb_name("United States")},
                      {"subdivisions", {MmdbArray{mmdb_name("Texas"), mmdb_name("Deeper")}}},
                      {"location", {MmdbMap{{"latitude", {29.55}}, {"longitude", {-98.27}}}}}}});
  writer.add(0xc6336400, 24, {MmdbMap{{"country", mmdb_name("Norway")}}});
  return writer.bytes();
}

}  // namespace enrich
