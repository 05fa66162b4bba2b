#include "journal/reader.h"

#include "segment/scanner.h"
#include "segment/source.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace journal {
namespace {

constexpr int kOpenTries = 10;

}  // namespace

struct Reader::State {
  State(io::FileSystem& files_in, std::string folder_in, Position from)
      : files(files_in), folder(std::move(folder_in)), wanted(std::max<Position>(from, 1)) {}

  base::Result<std::optional<Entry>> next(Position through);
  base::Status enter_segment();
  base::Status try_to_enter();
  base::Status enter(const segment::Name& name);
  base::Result<segment::Piece> read_here();
  base::Status pass_gap(const segment::Piece& piece, Position through);
  void report(Position first, Position last, const std::string& reason);

  io::FileSystem& files;
  const std::string folder;
  Position wanted;  ///< Lowest position that was neither handed out nor reported.
  std::unique_ptr<segment::Source> source;  ///< Null: not in a segment.
  std::unique_ptr<segment::Scanner> scanner;
  Position segment_first = 0;
  segment::Place at;  ///< In the segment: where the next record should be; at or before `wanted`.
  std::optional<Damage> damage;
};

base::Result<std::optional<Entry>> Reader::State::next(Position through) {
  damage.reset();
  while (wanted <= through) {
    if (source == nullptr) {
      if (const base::Status entered = enter_segment(); !entered) {
        return entered.error();
      }
      if (source == nullptr) {
        break;
      }
      continue;
    }
    const base::Result<segment::Piece> piece = read_here();
    if (!piece) {
      return piece.error();
    }
    if (piece->kind == segment::Piece::Kind::kRecord) {
      const Entry entry{at.position, piece->payload};
      at = {piece->end, at.position + 1};
      if (entry.position >= wanted) {
        wanted = at.position;
        return std::optional(entry);
      }
      continue;
    }
    if (const base::Status passed = pass_gap(*piece, through); !passed) {
      return passed.error();
    }
    if (damage) {
      return base::fail(base::Code::kCorrupt, "journal records " + std::to_string(damage->first) +
                                                  " to " + std::to_string(damage->last) +
                                                  " are lost: " + damage->reason);
    }
  }
  return std::optional<Entry>();
}

base::Result<segment::Piece> Reader::State::read_here() {
  base::Result<segment::Piece> piece = scanner->read(at.offset, at.position);
  if (piece && piece->kind != segment::Piece::Kind::kRecord) {
    // The Writer may have put the record there since these bytes were read ahead.
    scanner->forget();
    piece = scanner->read(at.offset, at.position);
  }
  return piece;
}

base::Status Reader::State::enter_segment() {
  // The keeper may remove or rename a file between the look at the folder and the opening.
  base::Status entered = base::ok();
  for (int tries = 0; tries < kOpenTries; ++tries) {
    entered = try_to_enter();
    if (entered || entered.error().code != base::Code::kNotFound) {
      break;
    }
  }
  return entered;
}

/// Opens the segment that holds `wanted`; leaves `source` null when there is none yet.
base::Status Reader::State::try_to_enter() {
  const base::Result<std::vector<segment::Name>> names = segment::list_names(files, folder);
  if (!names) {
    return names.error();
  }
  if (names->empty()) {
    return base::ok();
  }
  const auto above = std::upper_bound(
      names->begin(), names->end(), wanted,
      [](Position position, const segment::Name& name) { return position < name.first; });
  if (above == names->begin()) {
    wanted = above->first;  // What was before is retired.
    return enter(*above);
  }
  return enter(*std::prev(above));
}

base::Status Reader::State::enter(const segment::Name& name) {
  base::Result<std::unique_ptr<segment::Source>> opened = segment::open_source(files, folder, name);
  if (!opened) {
    return opened.error();
  }
  auto fresh = std::make_unique<segment::Scanner>(**opened, name.first);
  if (const base::Status read = fresh->open(); !read) {
    return base::fail(read.error().code, name.text() + ": " + read.error().message);
  }
  source = std::move(*opened);
  scanner = std::move(fresh);
  segment_first = name.first;
  at = source->place_of(wanted);
  return base::ok();
}

/// There is no whole record at `at`, though the position is durable: the segment has ended, or
/// records are lost.
base::Status Reader::State::pass_gap(const segment::Piece& piece, Position through) {
  const base::Result<std::vector<segment::Name>> names = segment::list_names(files, folder);
  if (!names) {
    return names.error();
  }
  const auto following = std::upper_bound(
      names->begin(), names->end(), segment_first,
      [](Position position, const segment::Name& name) { return position < name.first; });
  const bool last_segment = following == names->end();
  const Position high = last_segment ? through : following->first - 1;
  if (at.position <= high) {
    const std::string reason =
        piece.kind == segment::Piece::Kind::kNothing ? "record never arrived" : piece.reason;
    const std::uint64_t from = piece.kind == segment::Piece::Kind::kNothing ? at.offset : piece.end;
    const base::Result<std::optional<segment::Place>> found =
        scanner->find(from, at.position, high);
    if (!found) {
      return found.error();
    }
    if (found->has_value()) {
      report(at.position, (*found)->position - 1, reason);
      at = **found;
      return base::ok();
    }
    // Where the segments before are gone as well, they were retired while this Reader was behind.
    const bool retired = names->empty() || names->front().first > at.position;
    if (!retired) {
      report(at.position, high, reason);
    }
    at.position = high + 1;
  }
  if (!last_segment) {
    wanted = std::max(wanted, following->first);
    source = nullptr;
    scanner = nullptr;
  }
  return base::ok();
}

void Reader::State::report(Position first, Position last, const std::string& reason) {
  first = std::max(first, wanted);
  if (first <= last) {
    damage = Damage{first, last, reason};
    wanted = last + 1;
  }
}

base::Result<std::unique_ptr<Reader>> Reader::open(io::FileSystem& files, const std::string& folder,
                                                   Position from) {
  return std::make_unique<Reader>(std::make_unique<State>(files, folder, from));
}

Reader::Reader(std::unique_ptr<State> state) : state_(std::move(state)) {}
Reader::~Reader() = default;

base::Result<std::optional<Entry>> Reader::next(Position through) { return state_->next(through); }
const std::optional<Damage>& Reader::damage() const { return state_->damage; }

}  // namespace journal
