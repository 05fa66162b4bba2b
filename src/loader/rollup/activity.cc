#include "loader/rollup/activity.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace loader::rollup {
namespace {

/// Users whose last day is known: most events repeat it, and cost no look into files. 8 MiB.
constexpr std::size_t kKnownMax = std::size_t{1} << 19U;
/// Facts in memory before they are written.
constexpr std::size_t kTableMax = std::size_t{1} << 16U;
constexpr unsigned kKindBits = 2;
constexpr unsigned kToldBits = 3;

/// A fact stands in the entry's member for the time of receipt.
std::uint32_t code_of(Fact fact) {
  return static_cast<std::uint32_t>(fact.day) << kKindBits | static_cast<std::uint32_t>(fact.kind);
}

Fact fact_of(std::uint32_t code) {
  return {static_cast<FactKind>(code & ((1U << kKindBits) - 1)), code >> kKindBits};
}

/// In Known::told.
std::uint32_t bit_of(Fact fact) { return 1U << static_cast<unsigned>(fact.kind); }

bool has(const std::vector<std::int64_t>& days, std::int64_t day) {
  return std::ranges::find(days, day) != days.end();
}

void put(std::vector<std::int64_t>& days, std::int64_t day) {
  const auto at = std::ranges::lower_bound(days, day);
  if (at == days.end() || *at != day) {
    days.insert(at, day);
  }
}

void add(History& history, Fact fact) {
  switch (fact.kind) {
    case FactKind::kSeen:
      history.first_seen = std::min(history.first_seen.value_or(fact.day), fact.day);
      break;
    case FactKind::kPurchase: put(history.purchases, fact.day); break;
    case FactKind::kActive: put(history.active, fact.day); break;
  }
}

bool tells(const History& history, Fact fact) {
  switch (fact.kind) {
    case FactKind::kSeen: return history.first_seen && *history.first_seen <= fact.day;
    case FactKind::kPurchase: return has(history.purchases, fact.day);
    case FactKind::kActive: return has(history.active, fact.day);
  }
  return false;
}

}  // namespace

bool Activity::Told::before(const Told& other) const {
  return std::tie(place.position, place.index, kind) <
         std::tie(other.place.position, other.place.index, other.kind);
}

base::Result<std::unique_ptr<Activity>> Activity::open(io::FileSystem& files, base::Log& log,
                                                       std::string folder) {
  dedup::Options options;
  options.folder = std::move(folder);
  options.window = std::chrono::seconds(UINT32_MAX);  // facts are kept for ever
  options.table_entries_max = kTableMax;
  options.what = "the memory of active days";
  auto index = dedup::Index::open(files, log, std::move(options));
  if (!index) {
    return index.error();
  }
  return std::make_unique<Activity>(std::move(*index));
}

Activity::Activity(std::unique_ptr<dedup::Index> index) : index_(std::move(index)) {}

Activity::Known& Activity::known_of(Hash128 user) {
  known_.resize(kKnownMax);
  return known_[static_cast<std::size_t>(user.low) & (kKnownMax - 1)];
}

/// Whether `known` is of this user's day.
bool Activity::is_of(const Known& known, Hash128 user, Fact fact) {
  return known.high == user.high && known.low == user.low >> 32U &&
         known.told >> kToldBits == static_cast<std::uint32_t>(fact.day);
}

bool Activity::knows(const Known& known, Hash128 user, Fact fact) {
  return is_of(known, user, fact) && (known.told & bit_of(fact)) != 0;
}

void Activity::note(Known& known, Hash128 user, Fact fact) {
  const std::uint32_t told =
      is_of(known, user, fact) ? known.told : static_cast<std::uint32_t>(fact.day) << kToldBits;
  known = {user.high, static_cast<std::uint32_t>(user.low >> 32U), told | bit_of(fact)};
}

void Activity::forget_known() {
  known_.clear();
  user_.reset();
}

void Activity::forget_after(dedup::Position position) {
  forget_known();
  index_->forget_after(position);
}

base::Status Activity::reset() {
  forget_known();
  last_ = {};
  return index_->reset();
}

base::Result<std::optional<History>> Activity::learn(Hash128 user, Place place, Fact fact) {
  const Told told{place, fact.kind};
  if (!last_.before(told)) {
    forget_known();  // reading goes back: what is known may have been told later
  }
  last_ = told;
  Known& latest = known_of(user);
  if (knows(latest, user, fact)) {
    return std::optional<History>();
  }
  const std::uint32_t code = code_of(fact);
  if (user_ != user) {
    user_.reset();
    places_.clear();
    if (auto found = index_->find(user, places_); !found) {
      return found.error();
    }
    user_ = user;
  }
  History history;
  bool own = false;
  for (const Place& known : places_) {
    const Fact other = fact_of(known.received_s);
    own = own || (known.same(place) && known.received_s == code);
    if (Told{known, other.kind}.before(told)) {
      add(history, other);
    }
  }
  note(latest, user, fact);
  if (tells(history, fact)) {
    return std::optional<History>();
  }
  if (!own) {
    const Place told_at{place.position, place.index, code};
    index_->remember({user, told_at});
    places_.push_back(told_at);
  }
  return std::optional<History>(std::move(history));
}

}  // namespace loader::rollup
