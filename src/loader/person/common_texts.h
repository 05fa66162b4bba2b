#pragma once
// Texts that rows of many persons hold, such as an application's id, the name of a property or
// where visits come from: each stands once in the state database, and a row names it by its number.
// A text gets a number when a third person has it, so what is one person's own never takes a place,
// also not when an anonymous person becomes a named one.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace loader::person {

/// Threads: one.
class CommonTexts {
 public:
  CommonTexts() = default;
  CommonTexts(const CommonTexts&) = delete;  // a copy would know its texts by the other's
  CommonTexts& operator=(const CommonTexts&) = delete;
  CommonTexts(CommonTexts&&) = default;
  CommonTexts& operator=(CommonTexts&&) = default;
  ~CommonTexts() = default;

  static constexpr std::size_t kTextsMax = 16'384;
  static constexpr std::size_t kTextBytesMin = 3;  ///< Shorter ones are as good as a number.
  static constexpr std::size_t kTextBytesMax = 512;

  /// The number of a text in the row of `person`, from 1 on; 0 when it has none, which may change
  /// when others have it too.
  std::uint64_t number_of(std::string_view text, std::int64_t person);
  /// nullptr when no text has the number.
  [[nodiscard]] const std::string* text_of(std::uint64_t number) const;

  /// Numbers go from 1 to this.
  [[nodiscard]] std::size_t size() const { return texts_.size(); }
  /// Gives the next number to a text.
  void add(std::string_view text);

 private:
  /// Who has a text that has no number: up to two, 0 for nobody.
  struct Candidate {
    std::size_t hash = 0;
    std::int64_t first = 0;
    std::int64_t second = 0;
  };
  static constexpr std::size_t kCandidates = 4'096;

  std::deque<std::string> texts_;                                // stay where they are
  std::unordered_map<std::string_view, std::uint64_t> numbers_;  // of texts_
  std::vector<Candidate> candidates_;                            // each in the place its hash gives
};

}  // namespace loader::person
