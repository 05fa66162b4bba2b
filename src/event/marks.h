#pragma once
// Collects what is remarkable about one event: the texts of its `limit_errors` column.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace event {

class Marks {
 public:
  void add(std::string text);
  /// For json::Repair flags; `where` stands before each text.
  void add_repairs(std::uint8_t repairs, std::string_view where = {});

  [[nodiscard]] bool empty() const { return texts_.empty(); }
  [[nodiscard]] const std::vector<std::string>& texts() const { return texts_; }
  [[nodiscard]] std::string first() const { return empty() ? std::string() : texts_.front(); }
  /// A JSON array, or "" when there is nothing.
  [[nodiscard]] std::string to_json() const;

 private:
  std::vector<std::string> texts_;
  std::size_t left_out_ = 0;  ///< Beyond the first hundred, which bounds the column.
};

}  // namespace event
