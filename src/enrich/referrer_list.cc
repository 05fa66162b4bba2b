#include "enrich/referrer_list.h"

#include "enrich/campaign.h"

#include <algorithm>
#include <array>
#include <set>
#include <span>

namespace enrich {
namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    out.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

bool all_lower(std::string_view label) {
  return std::ranges::all_of(label, [](char c) { return c >= 'a' && c <= 'z'; });
}

/// `host` without a country of two letters, where a label of two or three letters stands before it;
/// else "".
std::string_view without_country(std::string_view host) {
  const std::size_t country = host.rfind('.');
  if (country == std::string_view::npos || host.size() - country != 3 ||
      !all_lower(host.substr(country + 1))) {
    return {};
  }
  const std::string_view rest = host.substr(0, country);
  const std::size_t dot = rest.rfind('.');
  if (dot == std::string_view::npos) {
    return {};
  }
  const std::string_view label = rest.substr(dot + 1);
  return (label.size() == 2 || label.size() == 3) && all_lower(label) ? rest : std::string_view();
}

/// The addresses a referrer may stand under in the list. Views into the buffer and the URL.
class Candidates {
 public:
  void add(std::string_view address) {
    if (!address.empty()) {
      addresses_[size_++] = address;
    }
  }
  /// Longest first.
  [[nodiscard]] std::span<const std::string_view> sorted() {
    const auto end = addresses_.begin() + static_cast<std::ptrdiff_t>(size_);
    std::sort(addresses_.begin(), end,
              [](std::string_view a, std::string_view b) { return a.size() > b.size(); });
    return {addresses_.data(), size_};
  }

 private:
  std::array<std::string_view, 8> addresses_;
  std::size_t size_ = 0;
};

}  // namespace

base::Result<ReferrerList> ReferrerList::parse(std::string_view text) {
  ReferrerList out;
  std::size_t number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    if (line.empty() || line.starts_with('#')) {
      continue;
    }
    const std::vector<std::string_view> fields = split(line, '\t');
    if (fields.size() < 3 || fields.size() > 4) {
      return base::fail(base::Code::kInvalid,
                        "line " + std::to_string(number) + " of the referrer list has " +
                            std::to_string(fields.size()) + " fields, not 3 or 4");
    }
    KnownReferrer& entry = out.by_address_[fields[0]];
    entry = {fields[1], fields[2], {}};
    if (fields.size() == 4) {
      entry.term_keys = split(fields[3], ',');
    }
    out.category_by_source_[fields[1]] = fields[2];
  }
  return out;
}

const KnownReferrer* ReferrerList::find(std::string_view url, const UrlParts& parts) const {
  const std::size_t scheme_end = url.find("://");
  Candidates candidates;
  candidates.add(scheme_end == std::string_view::npos ? url : url.substr(scheme_end + 3));
  const bool has_path = parts.path.size() > 1;
  std::string buffer = parts.host;
  buffer += has_path ? parts.path : std::string_view();
  const std::string_view all = buffer;
  const std::string_view host = all.substr(0, parts.host.size());
  const std::size_t bare = host.starts_with("www.") ? 4 : 0;
  candidates.add(host);
  candidates.add(without_country(host));
  if (has_path) {
    candidates.add(all);
  }
  if (bare != 0) {
    candidates.add(host.substr(bare));
    candidates.add(without_country(host.substr(bare)));
    candidates.add(has_path ? all.substr(bare) : std::string_view());
  }
  if (url.find(".google.") != std::string_view::npos) {
    candidates.add("google.com");
  }
  for (const std::string_view address : candidates.sorted()) {
    if (const auto found = by_address_.find(address); found != by_address_.end()) {
      return &found->second;
    }
  }
  return nullptr;
}

std::string_view ReferrerList::category_of(std::string_view source) const {
  const auto found = category_by_source_.find(source);
  return found == category_by_source_.end() ? std::string_view() : found->second;
}

std::string search_terms(const KnownReferrer& referrer, std::string_view query) {
  if (referrer.term_keys.empty()) {
    return {};
  }
  std::set<std::string> terms;
  for_each_pair(query, [&](std::string_view name, std::string_view value) {
    if (!value.empty() && std::ranges::find(referrer.term_keys, name) != referrer.term_keys.end()) {
      terms.insert(decoded(value));
    }
  });
  std::string out;
  for (const std::string& term : terms) {
    out += out.empty() ? "" : ",";
    out += term;
  }
  return out;
}

}  // namespace enrich
