#include "enrich/matcher.h"

#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <utility>

namespace enrich {
namespace {

/// Bounds what one expression's automaton may grow to; there are more than a thousand.
constexpr std::int64_t kSmallBytesMax = std::int64_t{128} << 10U;
/// For the few expressions whose program alone is larger.
constexpr std::int64_t kLargeBytesMax = std::int64_t{4} << 20U;
constexpr int kGroupsMax = 10;

RE2::Options options_for(const Rule& rule, std::int64_t bytes_max) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_case_sensitive(!rule.ignore_case);
  options.set_max_mem(bytes_max);
  return options;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

Literals::Literals(std::vector<std::string> literals)
    : literals_(std::move(literals)), seen_in_(literals_.size(), 0) {
  for (std::size_t i = 0; i < literals_.size(); ++i) {
    if (literals_[i].size() >= kBytesMin) {
      by_head_[head_of(literals_[i].data())].push_back(static_cast<int>(i));
    }
  }
}

std::uint32_t Literals::head_of(const char* bytes) {
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i]));
  };
  return byte(0) | byte(1) << 8U | byte(2) << 16U;
}

void Literals::find(std::string_view text, std::vector<int>& found) {
  found.clear();
  ++search_;
  for (std::size_t at = 0; at + kBytesMin <= text.size(); ++at) {
    const auto candidates = by_head_.find(head_of(text.data() + at));
    if (candidates == by_head_.end()) {
      continue;
    }
    for (const int index : candidates->second) {
      const auto i = static_cast<std::size_t>(index);
      if (seen_in_[i] != search_ && text.substr(at).starts_with(literals_[i])) {
        seen_in_[i] = search_;
        found.push_back(index);
      }
    }
  }
}

struct Matcher::Expressions {
  re2::FilteredRE2 filtered{static_cast<int>(Literals::kBytesMin)};
};

Matcher::Matcher(const std::vector<Rule>& rules) : expressions_(std::make_unique<Expressions>()) {
  re2::FilteredRE2& filtered = expressions_->filtered;
  for (const Rule& rule : rules) {
    int id = 0;
    if (filtered.Add(rule.expression, options_for(rule, kSmallBytesMax), &id) != RE2::NoError &&
        filtered.Add(rule.expression, options_for(rule, kLargeBytesMax), &id) != RE2::NoError) {
      ++left_out_;
      continue;
    }
    rules_.push_back(&rule);
  }
  std::vector<std::string> atoms;
  if (!rules_.empty()) {
    filtered.Compile(&atoms);
  }
  literals_ = std::make_unique<Literals>(std::move(atoms));
}

Matcher::~Matcher() = default;

Matcher::Match Matcher::first(std::string_view text) {
  Match match;
  if (rules_.empty()) {
    return match;
  }
  std::string lowered(text);
  std::transform(lowered.begin(), lowered.end(), lowered.begin(), lower);
  literals_->find(lowered, found_);
  const re2::StringPiece piece(text.data(), text.size());
  const int index = expressions_->filtered.FirstMatch(piece, found_);
  if (index < 0) {
    return match;
  }
  const RE2& expression = expressions_->filtered.GetRE2(index);
  std::array<re2::StringPiece, kGroupsMax> groups;
  const int count = std::min(kGroupsMax, expression.NumberOfCapturingGroups() + 1);
  if (!expression.Match(piece, 0, piece.size(), RE2::UNANCHORED, groups.data(), count)) {
    return match;
  }
  match.rule = rules_[static_cast<std::size_t>(index)];
  for (int i = 0; i < count; ++i) {
    const re2::StringPiece& group = groups[static_cast<std::size_t>(i)];
    match.groups.push_back(group.data() == nullptr
                               ? std::nullopt
                               : std::optional(std::string_view(group.data(), group.size())));
  }
  return match;
}

}  // namespace enrich
