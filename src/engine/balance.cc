#include "engine/balance.h"

#include "json/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace engine {
namespace {

/// The end of the process waits for it.
constexpr std::chrono::seconds kCountDeadline{3};
constexpr std::uint64_t kRangesMax = 4096;
/// Counting rows takes at most this part of the time.
constexpr int kShareOfTime = 20;

std::uint64_t number_of(json::Value value) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(value.integer().value_or(0), 0));
}

/// Lines whose rejections are not what they were.
std::vector<loader::BookLine> changed_rejections(const loader::Ledger& before,
                                                 const loader::Ledger& after) {
  std::map<std::pair<std::string, event::Api>, std::uint64_t> counts;
  for (const loader::BookLine& line : before.lines) {
    counts[{line.app_id, line.api}] = line.rejected;
  }
  std::vector<loader::BookLine> out;
  for (const loader::BookLine& line : after.lines) {
    if (counts[{line.app_id, line.api}] != line.rejected) {
      out.push_back(line);
    }
  }
  return out;
}

}  // namespace

std::string to_text(const Difference& difference) {
  const auto numbers = [&](std::string_view expected, std::string_view found) {
    return fmt::format("balance of \"{}\" {}: {} {}, {} {}", difference.app_id,
                       event::api_name(difference.api), difference.expected, expected,
                       difference.found, found);
  };
  switch (difference.subject) {
    case Subject::kUnits: return numbers("units answered", "booked by the loader");
    case Subject::kSum: return numbers("received", "stored, duplicate and rejected");
    case Subject::kRows: return numbers("events booked as stored", "rows of event");
    case Subject::kRejected: break;
  }
  return numbers("units booked as rejected", "rows of rejected_event");
}

void Balance::step(const std::function<void()>& between) {
  const auto now = sources_.clock.steady_now();
  if (now < due_) {
    return;
  }
  due_ = now + kInterval;
  bool whole = compare_units();
  if (now >= rows_due_) {
    whole = compare_rows(between) && whole;
    const auto took = sources_.clock.steady_now() - now;
    const bool doubt = [this] {
      const std::lock_guard lock(mutex_);
      return !seen_.empty();
    }();
    rows_due_ =
        doubt ? due_
              : now + std::max<std::chrono::steady_clock::duration>(kInterval, took * kShareOfTime);
    if (whole) {
      const std::lock_guard lock(mutex_);
      checked_at_ = now;
    }
  }
}

bool Balance::compare_units() {
  const auto compared = sources_.comparison();
  if (!compared) {
    return false;
  }
  Pairs pairs;
  for (const auto& [key, units] : *compared) {
    pairs[{key.first, key.second, Subject::kUnits}] = {units.answered, units.handled};
  }
  note({Subject::kUnits}, pairs);
  return true;
}

bool Balance::compare_rows(const std::function<void()>& between) {
  const loader::Ledger ledger = sources_.ledger();
  const auto holds = [&] { return sources_.visible_position() >= ledger.through; };
  // Rows are visible before they are booked; it is the other way round only while rows are derived
  // again, and then there is nothing to compare.
  if (!holds()) {
    return false;
  }
  std::optional<Pairs> pairs = count_rows(ledger, between);
  const loader::Ledger after = sources_.ledger();
  if (!pairs || !holds() || after.through < ledger.through) {
    return false;
  }
  for (const loader::BookLine& line : ledger.lines) {
    (*pairs)[{line.app_id, line.api, Subject::kRows}].expected = line.stored - line.profiles;
    (*pairs)[{line.app_id, line.api, Subject::kRejected}].expected = line.rejected;
    (*pairs)[{line.app_id, line.api, Subject::kSum}] = {
        line.received, line.stored + line.duplicate + line.rejected};
  }
  // A replay takes an older row out of rejected_event, whenever it is asked.
  for (const loader::BookLine& line : changed_rejections(ledger, after)) {
    Pair& pair = (*pairs)[{line.app_id, line.api, Subject::kRejected}];
    pair.found = pair.expected;
  }
  note({Subject::kRows, Subject::kRejected, Subject::kSum}, *pairs);
  return true;
}

std::optional<Balance::Pairs> Balance::count_rows(const loader::Ledger& ledger,
                                                  const std::function<void()>& between) {
  Pairs pairs;
  if (ledger.through < ledger.from) {
    return pairs;
  }
  const auto begun = sources_.clock.steady_now();
  const std::uint64_t positions = ledger.through - ledger.from + 1;
  const std::uint64_t step = std::max<std::uint64_t>((positions + ranges_ - 1) / ranges_, 1);
  for (std::uint64_t behind = 0; behind < positions; behind += step) {
    const event::Position from = ledger.from + behind;
    if (cancelled_ || !count_range(from, std::min(from + step - 1, ledger.through), pairs)) {
      return std::nullopt;
    }
    between();
  }
  if (sources_.clock.steady_now() - begun < kCountDeadline / 2) {
    ranges_ = std::max<std::uint64_t>(ranges_ / 2, 1);
  }
  return pairs;
}

bool Balance::count_range(event::Position from, event::Position through, Pairs& pairs) {
  const std::string condition =
      fmt::format(" WHERE journal_position BETWEEN {} AND {} GROUP BY ALL", from, through);
  std::string sql =
      "SELECT coalesce(app_id, '') AS app, api, 0 AS rejected, count(*) AS n FROM event";
  sql.append(condition);
  sql.append(" UNION ALL SELECT coalesce(app_id, ''), api, 1, count(*) FROM rejected_event");
  sql.append(condition);
  store::QueryLimits limits;
  limits.deadline = kCountDeadline;
  const auto counted = sources_.query_json(sql, limits);
  if (!counted) {
    ranges_ = std::min(ranges_ * 2, kRangesMax);
    return false;
  }
  const auto document = json::Document::parse(counted->text);
  if (!document) {
    return false;
  }
  for (const json::Value row : document->root().elements()) {
    const auto api = event::api_from_name(row["api"].string().value_or(""));
    const Subject subject = number_of(row["rejected"]) == 0 ? Subject::kRows : Subject::kRejected;
    pairs[{std::string(row["app"].string().value_or("")), api.value_or(event::Api::kClickstream),
           subject}]
        .found += number_of(row["n"]);
  }
  return true;
}

void Balance::note(const std::vector<Subject>& subjects, const Pairs& pairs) {
  const auto about = [&](const Key& key) {
    return std::ranges::find(subjects, std::get<Subject>(key)) != subjects.end();
  };
  const std::lock_guard lock(mutex_);
  std::erase_if(seen_, [&](const auto& seen) {
    const auto pair = pairs.find(seen.first);
    return about(seen.first) &&
           (pair == pairs.end() || pair->second.expected == pair->second.found);
  });
  for (const auto& [key, pair] : pairs) {
    if (pair.expected == pair.found) {
      continue;
    }
    Seen& seen = seen_[key];
    seen.difference = {std::get<0>(key), std::get<1>(key), std::get<2>(key), pair.expected,
                       pair.found};
    ++seen.times;
  }
}

std::vector<Difference> Balance::differences() const {
  std::vector<Difference> out;
  const std::lock_guard lock(mutex_);
  for (const auto& [key, seen] : seen_) {
    if (seen.times >= kChecksToBelieve) {
      out.push_back(seen.difference);
    }
  }
  return out;
}

std::optional<std::chrono::milliseconds> Balance::checked_ago() const {
  const std::lock_guard lock(mutex_);
  if (!checked_at_) {
    return std::nullopt;
  }
  return std::chrono::duration_cast<std::chrono::milliseconds>(sources_.clock.steady_now() -
                                                               *checked_at_);
}

}  // namespace engine
