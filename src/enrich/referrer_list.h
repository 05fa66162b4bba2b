#pragma once
// The well-known referrers: which address belongs to which source, and is it a search engine, a
// social network, a shop. Made once from the text of referrers.txt, which is part of the program;
// read for every Clickstream event that has a referrer.

#include "base/result.h"
#include "enrich/page_url.h"

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace enrich {

/// What the list says of a referrer's address. Lifetime: views into the list's text.
struct KnownReferrer {
  std::string_view source;
  std::string_view category;  ///< Search, Social, Video, Shopping or Referral.
  std::vector<std::string_view> term_keys;
};

/// The bytes of referrers.txt.
std::string_view built_in_referrers();

/// Threads: immutable.
class ReferrerList {
 public:
  /// Reads lines "address TAB source TAB category [TAB keys]"; "#" begins a comment. kInvalid names
  /// the line. Lifetime: `text` outlives the list.
  static base::Result<ReferrerList> parse(std::string_view text);

  /// The entry whose address `url` (with the parts `parts`) begins with: longest first the URL
  /// without its scheme, host and path, host, both without "www.", the host without a country
  /// behind it ("x.com.br" as "x.com"), and every Google. nullptr when there is none.
  [[nodiscard]] const KnownReferrer* find(std::string_view url, const UrlParts& parts) const;
  /// The category of the source of exactly that name, "" when there is none.
  [[nodiscard]] std::string_view category_of(std::string_view source) const;

 private:
  std::unordered_map<std::string_view, KnownReferrer> by_address_;
  std::unordered_map<std::string_view, std::string_view> category_by_source_;
};

/// Values of the entry's query keys in a referrer's query: decoded, each once, sorted, with commas.
std::string search_terms(const KnownReferrer& referrer, std::string_view query);

}  // namespace enrich
