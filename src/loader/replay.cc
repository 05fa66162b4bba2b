#include "loader/replay.h"

#include "event/imported.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>
#include <vector>

namespace loader {
namespace {

constexpr std::string_view kReplayOf = "replay_of";
constexpr std::string_view kReplayApp = "replay_app";

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

/// Notes about the request as a whole, which the unit alone is not: why it was refused, how many
/// units it had, which answer it got, which part of which import it was, and what an earlier replay
/// was of.
constexpr std::string_view kNotesOfTheRequest[] = {"code",
                                                   "reason",
                                                   "units",
                                                   "idempotency_key",
                                                   "idempotency_answer",
                                                   event::kImportNote,
                                                   event::kOrdinalsNote,
                                                   kReplayOf,
                                                   kReplayApp};

bool is_of_the_request(std::string_view key) {
  return std::find(std::begin(kNotesOfTheRequest), std::end(kNotesOfTheRequest), key) !=
         std::end(kNotesOfTheRequest);
}

}  // namespace

std::optional<ReplayTarget> replay_target(const event::Record& record) {
  const auto text = record.note(kReplayOf);
  if (!text) {
    return std::nullopt;
  }
  const std::size_t colon = text->find(':');
  ReplayTarget target;
  if (colon == std::string_view::npos ||
      !read_number(text->substr(0, colon), target.unit.position) ||
      !read_number(text->substr(colon + 1), target.unit.index)) {
    return std::nullopt;
  }
  target.app_id = record.note(kReplayApp).value_or(record.app_id);
  return target;
}

base::Result<std::string> make_replay(std::string_view original, const ReplayRequest& request) {
  auto decoded = event::decode_record(original);
  if (!decoded) {
    return decoded.error();
  }
  event::Record record = std::move(*decoded);
  record.kind = event::RecordKind::kAccepted;
  std::erase_if(record.notes, [](const event::Note& note) { return is_of_the_request(note.key); });
  const std::string unit =
      std::to_string(request.unit.position) + ":" + std::to_string(request.unit.index);
  record.notes.push_back({kReplayOf, unit});
  record.notes.push_back({kReplayApp, request.app_id});
  if (!request.body.empty()) {
    record.body = request.body;
    // The unit was written out as plain JSON, whatever the request was packed in.
    std::erase_if(record.headers,
                  [](const event::Header& header) { return header.name == "content-encoding"; });
  }
  std::string bytes;
  event::encode_record(record, bytes);
  return bytes;
}

}  // namespace loader
