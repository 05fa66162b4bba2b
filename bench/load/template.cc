#include "load/template.h"

#include "load/chance.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace load {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::size_t kHoleBytesMax = 512;
// Users came first within the 100 days behind this time.
constexpr std::uint64_t kFirstMs = 1'760'000'000'000;
constexpr std::uint64_t kFirstSpanMs = 8'640'000'000;

constexpr std::array<std::pair<std::string_view, Hole>, 25> kNames = {{
    {"user", Hole::kUser},
    {"user_short", Hole::kUserShort},
    {"user_number", Hole::kUserNumber},
    {"device", Hole::kDevice},
    {"first_ms", Hole::kFirstMs},
    {"visits", Hole::kVisits},
    {"session", Hole::kSession},
    {"session_ms", Hole::kSessionMs},
    {"session_iso", Hole::kSessionIso},
    {"session_length", Hole::kSessionLength},
    {"run", Hole::kRun},
    {"id", Hole::kId},
    {"trace", Hole::kTrace},
    {"ms", Hole::kMs},
    {"seconds", Hole::kSeconds},
    {"iso", Hole::kIso},
    {"page", Hole::kPage},
    {"title", Hole::kTitle},
    {"referrer", Hole::kReferrer},
    {"product", Hole::kProduct},
    {"product_name", Hole::kProductName},
    {"category", Hole::kCategory},
    {"price", Hole::kPrice},
    {"quantity", Hole::kQuantity},
    {"score", Hole::kScore},
}};

constexpr std::array<std::string_view, 8> kSections = {"shoes", "coats", "sale",   "new-arrivals",
                                                       "bags",  "kids",  "sports", "outdoor"};
constexpr std::array<std::string_view, 8> kTitles = {"Shoes for every day | Shop",
                                                     "Coats and jackets | Shop",
                                                     "Sale | Shop",
                                                     "New arrivals | Shop",
                                                     "Bags | Shop",
                                                     "Kids | Shop",
                                                     "Sports | Shop",
                                                     "Outdoor | Shop"};
constexpr std::array<std::string_view, 8> kReferrers = {"", "https://www.google.com/",
                                                        "", "https://www.bing.com/",
                                                        "", "https://news.example/articles/4711",
                                                        "", "https://m.facebook.com/"};
constexpr std::array<std::string_view, 8> kProducts = {
    "Trail Runner 5", "Wool Coat",   "Leather Boots", "Canvas Tote",
    "Rain Jacket",    "Court Shoes", "Day Pack 22 l", "Linen Shirt"};

template <std::size_t N>
std::string_view pick(const std::array<std::string_view, N>& list, std::uint64_t bits) {
  return list[bits % N];
}

struct Clock {
  std::uint64_t year, month, day, hour, minute, second, millisecond;
};

Clock clock_of(std::int64_t time_ms) {
  const std::chrono::sys_days days{std::chrono::days(time_ms / kDayMs)};
  const std::chrono::year_month_day date(days);
  const auto rest = static_cast<std::uint64_t>(time_ms % kDayMs);
  return {static_cast<std::uint64_t>(static_cast<int>(date.year())),
          static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()),
          rest / 3'600'000,
          rest / 60'000 % 60,
          rest / 1000 % 60,
          rest % 1000};
}

void put_uuid(std::uint64_t bits, Output& out) {
  const std::uint64_t more = mix(bits);
  out.put_hex(bits, 8);
  out.put("-");
  out.put_hex(bits << 32U, 4);
  out.put("-4");
  out.put_hex(bits << 48U, 3);
  out.put("-8");
  out.put_hex(more, 3);
  out.put("-");
  out.put_hex(more << 12U, 12);
}

/// "20261122-051530123".
void put_session(std::int64_t time_ms, Output& out) {
  const Clock at = clock_of(time_ms);
  out.put_digits(at.year, 4);
  out.put_digits(at.month, 2);
  out.put_digits(at.day, 2);
  out.put("-");
  out.put_digits(at.hour, 2);
  out.put_digits(at.minute, 2);
  out.put_digits(at.second, 2);
  out.put_digits(at.millisecond, 3);
}

std::uint64_t number(std::int64_t value) { return static_cast<std::uint64_t>(value); }

void make_of_visit(Hole hole, const Filling& filling, Output& out) {
  const std::uint64_t bits = filling.user_bits;
  switch (hole) {
    case Hole::kUser: return put_uuid(bits, out);
    case Hole::kUserShort: return out.put_hex(mix(bits) << 28U, 8);
    case Hole::kUserNumber: return out.put_number(filling.user);
    case Hole::kDevice: return out.put(filling.device);
    case Hole::kFirstMs: return out.put_number(kFirstMs + bits % kFirstSpanMs);
    case Hole::kVisits: return out.put_number(1 + bits % 40);
    case Hole::kSession: return put_session(filling.session_ms, out);
    case Hole::kSessionMs: return out.put_number(number(filling.session_ms));
    default: return put_iso(filling.session_ms, out);
  }
}

void put_of_visit(Hole hole, Filling& filling, Output& out) {
  Filling::Place& place = filling.written[static_cast<std::size_t>(hole)];
  if (place.size > 0) {
    return out.put_again(place.begin, place.size);
  }
  place.begin = out.size();
  make_of_visit(hole, filling, out);
  place.size = out.size() - place.begin;
}

void put_of_event(Hole hole, const Filling& filling, Output& out) {
  const std::uint64_t bits = filling.event_bits;
  const std::uint64_t product = bits >> 32U;
  switch (hole) {
    case Hole::kSessionLength: return out.put_number(number(filling.time_ms - filling.session_ms));
    case Hole::kRun: return out.put(filling.run);
    case Hole::kId: return put_id(filling.run, filling.id, out);
    case Hole::kTrace: return out.put_hex(filling.id, 16);
    case Hole::kMs: return out.put_number(number(filling.time_ms));
    case Hole::kSeconds: return out.put_number(number(filling.time_ms / 1000));
    case Hole::kIso: return put_iso(filling.time_ms, out);
    case Hole::kPage:
      out.put("/");
      out.put(pick(kSections, product));
      out.put("/");
      return out.put_number(product % 5000);
    case Hole::kTitle: return out.put(pick(kTitles, product));
    case Hole::kReferrer: return out.put(pick(kReferrers, filling.user_bits >> 8U));
    case Hole::kProduct: return out.put_number(10'000 + product % 5000);
    case Hole::kProductName: return out.put(pick(kProducts, product));
    case Hole::kCategory: return out.put(pick(kSections, product));
    case Hole::kPrice:
      out.put_number(5 + product % 200);
      return out.put(product % 2 == 0 ? ".95" : ".50");
    case Hole::kQuantity: return out.put_number(1 + bits % 3);
    default: return out.put_number(100 + bits % 9900);
  }
}

const Hole* find_hole(std::string_view name) {
  const auto* const found = std::find_if(kNames.begin(), kNames.end(),
                                         [&](const auto& known) { return known.first == name; });
  return found == kNames.end() ? nullptr : &found->second;
}

}  // namespace

Template::Template(std::string_view text, const Constants& constants) {
  while (true) {
    const std::size_t begin = text.find('<');
    end_.append(text.substr(0, begin));
    if (begin == std::string_view::npos) {
      break;
    }
    const std::size_t end = text.find('>', begin);
    CHECK(end != std::string_view::npos);
    const std::string_view name = text.substr(begin + 1, end - begin - 1);
    text.remove_prefix(end + 1);
    const auto constant = std::find_if(constants.begin(), constants.end(),
                                       [&](const auto& known) { return known.first == name; });
    if (constant != constants.end()) {
      end_.append(constant->second);
      continue;
    }
    const Hole* hole = find_hole(name);
    CHECK(hole != nullptr);
    pieces_.push_back({std::move(end_), *hole});
    end_.clear();
  }
  bytes_max_ = end_.size() + pieces_.size() * kHoleBytesMax;
  for (const Piece& piece : pieces_) {
    bytes_max_ += piece.text.size();
  }
}

void Template::fill(Filling& filling, Output& out) const {
  out.reserve(bytes_max_);
  for (const Piece& piece : pieces_) {
    out.put(piece.text);
    if (static_cast<std::size_t>(piece.hole) < kHolesOfVisit) {
      put_of_visit(piece.hole, filling, out);
    } else {
      put_of_event(piece.hole, filling, out);
    }
  }
  out.put(end_);
}

void put_id(std::string_view run, std::uint64_t id, Output& out) {
  out.put(run);
  out.put("-");
  out.put_hex(id, 4);
  out.put("-");
  out.put_hex(id << 16U, 4);
  out.put("-");
  out.put_hex(id << 32U, 4);
  out.put("-");
  out.put_hex(id << 48U, 4);
  out.put_hex(mix(id), 8);
}

void put_iso(std::int64_t time_ms, Output& out) {
  const Clock at = clock_of(time_ms);
  out.put_digits(at.year, 4);
  out.put("-");
  out.put_digits(at.month, 2);
  out.put("-");
  out.put_digits(at.day, 2);
  out.put("T");
  out.put_digits(at.hour, 2);
  out.put(":");
  out.put_digits(at.minute, 2);
  out.put(":");
  out.put_digits(at.second, 2);
  out.put(".");
  out.put_digits(at.millisecond, 3);
  out.put("Z");
}

void put_basic(std::int64_t time_ms, Output& out) {
  const Clock at = clock_of(time_ms);
  out.put_digits(at.year, 4);
  out.put_digits(at.month, 2);
  out.put_digits(at.day, 2);
  out.put("T");
  out.put_digits(at.hour, 2);
  out.put_digits(at.minute, 2);
  out.put_digits(at.second, 2);
  out.put("Z");
}

}  // namespace load
