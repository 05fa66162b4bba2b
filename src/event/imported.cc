#include "event/imported.h"

#include <algorithm>
#include <charconv>

namespace event {
namespace {

template <class Number>
std::optional<Number> read_number(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(number)
                                                                  : std::nullopt;
}

}  // namespace

base::Time arrival_of(const Record& record) {
  const auto noted = record.note(kImportedAtNote);
  const auto us = noted ? read_number<std::int64_t>(*noted) : std::nullopt;
  return us ? base::from_us(*us) : record.received_at;
}

Ordinals::Ordinals(const Record& record) {
  const auto note = record.note(kOrdinalsNote);
  imported_ = note.has_value();
  std::string_view rest = note.value_or("");
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    const std::size_t colon = part.find(':');
    if (colon == std::string_view::npos) {
      continue;
    }
    const auto index = read_number<std::size_t>(part.substr(0, colon));
    const auto count = read_number<std::uint32_t>(part.substr(colon + 1));
    if (index && count) {
      counts_[*index] = *count;
    }
  }
}

std::optional<std::uint32_t> Ordinals::of(std::size_t index) const {
  if (!imported_) {
    return std::nullopt;
  }
  const auto found = counts_.find(index);
  return found == counts_.end() ? 0 : found->second;
}

}  // namespace event
