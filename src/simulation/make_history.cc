#include "base/random.h"
#include "io/memory_content.h"
#include "simulation/history.h"

#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

namespace simulation {
namespace {

using Kind = Action::Kind;

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}

  History make(std::uint64_t seed, std::size_t actions) {
    History history;
    history.seed = seed;
    history.segment = 1500 + draw(4) * 1500;
    history.group = 400 + draw(3) * 600;
    history.step = 1 + draw(6);
    history.table = std::array<std::uint64_t, 3>{4, 16, 100}.at(draw(3));
    history.window_s = draw(2) == 0 ? 3000 : 2'592'000;
    calm_ = draw(4) == 0;
    synced_ = draw(3) != 0;
    history.synced = synced_;
    const std::size_t count = 4 + draw(actions);
    for (std::size_t at = 0; at < count; ++at) {
      history.actions.push_back(draw(2) == 0 ? send() : other());
    }
    return history;
  }

 private:
  std::uint64_t draw(std::uint64_t below) { return io::MemoryContent::draw(random_, below); }
  std::uint32_t number(std::uint64_t below) { return static_cast<std::uint32_t>(draw(below)); }

  Unit unit(Shape shape) {
    Unit made;
    made.who = 1 + number(4);
    switch (draw(8)) {
      case 0: made.kind = Unit::Kind::kBad; break;
      case 1:
      case 2:
        made.kind = Unit::Kind::kProfile;
        made.id = 1 + number(9);
        break;
      default: made.id = 1 + number(40); break;
    }
    if (shape == Shape::kClickstream && made.kind == Unit::Kind::kProfile) {
      made.kind = Unit::Kind::kEvent;
    }
    if (shape == Shape::kLines && made.kind == Unit::Kind::kEvent && draw(6) == 0) {
      made.id = 0;
    }
    return made;
  }

  Request request() {
    Request made;
    const std::uint64_t kind = draw(20);
    made.shape = kind < 7    ? Shape::kLines
                 : kind < 12 ? Shape::kClickstream
                 : kind < 15 ? Shape::kClevertap
                 : kind < 17 ? Shape::kKeyed
                 : kind < 18 ? Shape::kRefused
                 : kind < 19 ? Shape::kUnreadable
                             : Shape::kLines;
    made.key = made.shape == Shape::kKeyed ? 1 + number(5) : 0;
    if (kind == 19) {
      made.units = {{Unit::Kind::kThrow, 0, 0}};
      return made;
    }
    const std::uint64_t units = draw(20) == 0 ? 15 : 1 + draw(4);
    for (std::uint64_t at = 0; at < units; ++at) {
      made.units.push_back(unit(made.shape));
    }
    if (made.shape == Shape::kKeyed) {
      // The same key comes with the same records, as a client that repeats itself sends them.
      made.units = {{Unit::Kind::kEvent, 100 + made.key, 1 + made.key % 3},
                    {Unit::Kind::kEvent, 200 + made.key, 1 + made.key % 3}};
    }
    return made;
  }

  Action send() {
    Action action;
    action.kind = Kind::kSend;
    for (std::uint64_t at = 1 + draw(5); at > 0; --at) {
      action.requests.push_back(request());
    }
    return action;
  }

  Action fault() {
    static constexpr std::array<std::pair<std::string_view, int>, 16> kFaults = {{
        {"sync", EIO},
        {"sync", EIO},
        {"sync", ENOSPC},
        {"write", EIO},
        {"write", ENOSPC},
        {"write", ENOSPC},
        {"allocate", ENOSPC},
        {"allocate", EIO},
        {"truncate", EIO},
        {"rename", EIO},
        {"rename", ENOSPC},
        {"remove", EIO},
        {"sync-directory", EIO},
        {"open", EMFILE},
        {"open", EIO},
        {"read", EIO},
    }};
    const auto& [call, error] = kFaults.at(draw(kFaults.size()));
    Action action;
    action.kind = Kind::kFault;
    action.word = call;
    action.error = error;
    action.number = static_cast<std::int64_t>(1 + draw(draw(2) == 0 ? 4 : 40));
    return action;
  }

  Action with_number(Kind kind, std::uint64_t number) {
    Action action;
    action.kind = kind;
    action.number = static_cast<std::int64_t>(number);
    return action;
  }

  Action other() {
    if (!synced_ && draw(8) == 0) {
      return with_number(Kind::kKeepState, 0);
    }
    switch (draw(calm_ ? 16 : 28)) {
      case 0:
      case 1: return with_number(Kind::kStep, 0);
      case 2: return with_number(Kind::kLoad, 0);
      case 3: return with_number(Kind::kSeal, 0);
      case 4: return with_number(Kind::kTidy, 0);
      case 5: return with_number(Kind::kCompact, 0);
      case 6:
      case 7: return with_number(Kind::kCompress, 0);
      case 8: return with_number(Kind::kClock, draw(6) == 0 ? 4000 : draw(900));
      case 9: return with_number(Kind::kReplay, draw(8));
      case 10: return with_number(Kind::kStop, 0);
      case 11: return with_number(draw(4) == 0 ? Kind::kCheck : Kind::kLoad, 0);
      case 12: return with_number(Kind::kPrepare, 0);
      case 13: return with_number(Kind::kSealStore, 0);
      case 14:
      case 15: return with_number(Kind::kSpare, 0);
      case 16: return with_number(Kind::kKill, 0);
      case 17: return with_number(Kind::kPower, draw(1000));
      case 18:
      case 19: return with_number(Kind::kPowerAt, 1 + draw(draw(2) == 0 ? 12 : 150));
      case 20: return with_number(Kind::kFull, draw(6000));
      case 21: return with_number(Kind::kRoom, 0);
      case 22: return with_number(Kind::kRetry, 0);
      case 23: return rare();
      default: return fault();
    }
  }

  Action rare() {
    Action action = with_number(Kind::kDelete, 0);
    switch (draw(6)) {
      case 0: action.word = "store"; break;
      case 1: action.word = "state"; break;
      case 2: action.word = "ids"; break;
      case 3: return with_number(Kind::kStartOver, 0);
      case 4: return with_number(Kind::kSync, 0);
      default: {
        Action back = with_number(Kind::kClock, 0);
        back.number = -static_cast<std::int64_t>(draw(2000));
        return back;
      }
    }
    return action;
  }

  base::SeededRandom random_;
  bool calm_ = false;
  bool synced_ = true;
};

}  // namespace

History make_history(std::uint64_t seed, std::size_t actions) {
  return Maker(seed).make(seed, actions);
}

}  // namespace simulation
