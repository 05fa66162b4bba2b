#pragma once
// Finds the first of many expressions that matches a text. Literal pieces that an expression cannot
// do without are looked up first, so that only a few expressions run. Not thread-safe.

#include "enrich/rules_file.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace enrich {

/// Which of many lower-case literals occur in a text, in one pass over it.
class Literals {
 public:
  static constexpr std::size_t kBytesMin = 3;  ///< Shorter literals are not accepted.

  explicit Literals(std::vector<std::string> literals);
  /// Replaces `found` by the indices of the literals in `text`, each once.
  void find(std::string_view text, std::vector<int>& found);

 private:
  static std::uint32_t head_of(const char* bytes);

  std::vector<std::string> literals_;
  std::unordered_map<std::uint32_t, std::vector<int>> by_head_;
  std::vector<std::uint32_t> seen_in_;  ///< Number of the last search that found each literal.
  std::uint32_t search_ = 0;
};

class Matcher {
 public:
  /// Compiles the expressions; those RE2 cannot express are left out and counted.
  explicit Matcher(const std::vector<Rule>& rules);
  Matcher(const Matcher&) = delete;
  Matcher& operator=(const Matcher&) = delete;
  ~Matcher();

  struct Match {
    const Rule* rule = nullptr;
    /// Group 0 is the whole match; nullopt where a group took no part. Views into the text.
    std::vector<std::optional<std::string_view>> groups;
  };
  /// The match of the first rule of all, or a Match without a rule. Lifetime: the rules given at
  /// the start.
  Match first(std::string_view text);

  [[nodiscard]] std::size_t left_out() const { return left_out_; }

 private:
  struct Expressions;
  std::unique_ptr<Expressions> expressions_;
  std::vector<const Rule*> rules_;
  std::unique_ptr<Literals> literals_;
  std::size_t left_out_ = 0;
  std::vector<int> found_;
};

}  // namespace enrich
