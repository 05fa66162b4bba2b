#pragma once
// Numbers, times and texts as they lie in the row of a person (row.h). Ids and values of properties
// are mostly digits: in a third to half of their bytes more persons fit into a page and into
// memory.

#include "loader/person/common_texts.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace loader::person {

/// Appends to a row.
class RowWriter {
 public:
  explicit RowWriter(std::string& out) : out_(out) {}

  void number(std::uint64_t value);
  /// `value` as what lies between it and `base`, whichever is later.
  void near(std::int64_t value, std::int64_t base);
  /// What one person has.
  void text(std::string_view text);
  /// What many persons may have; this one's number is `person`.
  void text(std::string_view text, CommonTexts& texts, std::int64_t person);
  /// CRC-32C of the common texts that were named.
  [[nodiscard]] std::uint32_t named() const { return named_; }

 private:
  bool digits(std::string_view text);
  bool hex(std::string_view text);
  bool packed(std::string_view text, std::uint64_t form);

  std::string& out_;
  std::uint32_t named_ = 0;
};

/// Reads what RowWriter wrote. After a failure everything is 0 or empty.
class RowReader {
 public:
  /// Lifetime: `texts` outlives it.
  RowReader(std::string_view bytes, const CommonTexts& texts) : left_(bytes), texts_(texts) {}

  [[nodiscard]] bool ended_well() const { return !failed_ && left_.empty(); }

  std::uint64_t number();
  std::int64_t near(std::int64_t base);
  void text(std::string& out);
  /// As RowWriter's.
  [[nodiscard]] std::uint32_t named() const { return named_; }
  /// A number of things that take two bytes each, at least.
  std::size_t count();
  void fail();

 private:
  std::string_view take(std::uint64_t bytes);
  void hex(std::uint64_t form, std::string& out);

  std::string_view left_;
  const CommonTexts& texts_;
  std::uint32_t named_ = 0;
  bool failed_ = false;
};

}  // namespace loader::person
