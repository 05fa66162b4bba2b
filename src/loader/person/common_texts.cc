#include "loader/person/common_texts.h"

#include <functional>

namespace loader::person {

std::uint64_t CommonTexts::number_of(std::string_view text, std::int64_t person) {
  if (text.size() < kTextBytesMin || text.size() > kTextBytesMax) {
    return 0;
  }
  if (const auto known = numbers_.find(text); known != numbers_.end()) {
    return known->second;
  }
  if (texts_.size() >= kTextsMax) {
    return 0;
  }
  candidates_.resize(kCandidates);
  const std::size_t hash = std::hash<std::string_view>{}(text);
  Candidate& candidate = candidates_[hash % kCandidates];
  if (candidate.hash != hash || candidate.first == 0) {
    candidate = {hash, person, 0};
    return 0;
  }
  if (candidate.first == person || candidate.second == person) {
    return 0;
  }
  if (candidate.second == 0) {
    candidate.second = person;
    return 0;
  }
  candidate = {};
  add(text);
  return texts_.size();
}

const std::string* CommonTexts::text_of(std::uint64_t number) const {
  return number == 0 || number > texts_.size() ? nullptr : &texts_[number - 1];
}

void CommonTexts::add(std::string_view text) {
  const std::string_view kept = texts_.emplace_back(text);
  numbers_.emplace(kept, texts_.size());
}

}  // namespace loader::person
