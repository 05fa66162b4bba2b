#include "engine/receipt.h"

#include "base/time_text.h"
#include "engine/decoders.h"
#include "journal/keeper.h"
#include "journal/reader.h"
#include "json/value.h"
#include "json/writer.h"
#include "loader/state/notes.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace engine {
namespace {

constexpr std::chrono::seconds kCountDeadline{20};

base::Error never_given(event::Position position) {
  return base::fail(base::Code::kNotFound,
                    "no request was given position " + std::to_string(position));
}

/// How many units a record has by its kind, as the loader would decode it.
struct Units {
  std::uint64_t events = 0;
  std::uint64_t profiles = 0;  ///< Those that are booked.
  std::uint64_t rejections = 0;
};

/// Like the loader, takes a record whose decoder throws for one that is put aside whole.
Units units_of(const event::Record& record) {
  const auto decoders = all_decoders();
  const auto decoder = decoders.find(record.api);
  if (decoder == decoders.end()) {
    return {.rejections = 1};
  }
  try {
    const event::Decoded decoded = decoder->second(record);
    return {decoded.events.size(),
            static_cast<std::uint64_t>(std::ranges::count_if(
                decoded.profiles, [](const event::ProfileChange& one) { return one.booked; })),
            decoded.rejections.size()};
  } catch (const std::exception&) {
    return {.rejections = 1};
  }
}

struct Rows {
  std::uint64_t events = 0;
  std::uint64_t rejected = 0;
};

base::Result<Rows> count_rows(store::Store& store, event::Position position) {
  const std::string at = " WHERE journal_position = " + std::to_string(position) + ")";
  std::string sql = "SELECT (SELECT count(*) FROM event";
  sql.append(at).append(" AS events, (SELECT count(*) FROM rejected_event");
  sql.append(at).append(" AS rejected");
  store::QueryLimits limits;
  limits.deadline = kCountDeadline;
  auto counted = store.query(sql, store::ResultFormat::kJson, limits);
  if (!counted) {
    return counted.error();
  }
  const base::Result<json::Document> document = json::Document::parse(counted->text);
  if (!document) {
    return document.error();
  }
  Rows rows;
  for (const json::Value row : document->root().elements()) {
    rows.events = static_cast<std::uint64_t>(row["events"].integer().value_or(0));
    rows.rejected = static_cast<std::uint64_t>(row["rejected"].integer().value_or(0));
  }
  return rows;
}

/// `repeated`: of the profile records.
Receipt::Loaded loaded_from(const Rows& rows, const Units& units, std::uint64_t repeated) {
  Receipt::Loaded out{.stored = rows.events, .rejected = rows.rejected};
  // A record that could not be stored was put aside whole, whatever it decodes to.
  if (rows.rejected <= units.rejections) {
    out.stored += units.profiles - std::min(repeated, units.profiles);
    out.duplicate = units.events > rows.events ? units.events - rows.events : 0;
    out.duplicate += std::min(repeated, units.profiles);
  }
  return out;
}

base::Result<Receipt::Loaded> find_loaded(Pipeline& pipeline, event::Position position,
                                          const std::optional<Units>& units) {
  auto rows = count_rows(pipeline.store(), position);
  if (!rows) {
    return rows.error();
  }
  if (!units) {
    return Receipt::Loaded{.stored = rows->events, .rejected = rows->rejected};
  }
  const auto repeated =
      units->profiles > 0 ? loader::state::repeated_profiles(pipeline.state_path(), position) : 0;
  return repeated ? base::Result<Receipt::Loaded>(loaded_from(*rows, *units, *repeated))
                  : repeated.error();
}

/// True when the journal began at or before `position` once, and its oldest files were removed; a
/// position that is missing behind its beginning was skipped and never given.
base::Result<bool> was_removed(io::FileSystem& files, const std::string& folder,
                               event::Position position) {
  auto segments = journal::list_quickly(files, folder);
  if (!segments) {
    return segments.error();
  }
  return !segments->empty() && position < segments->front().first;
}

/// What the journal knows of a record.
struct Found {
  std::optional<Receipt::Journalled> journalled;
  std::optional<Units> units;
};

base::Result<Found> read_record(io::FileSystem& files, const Pipeline& pipeline,
                                event::Position position) {
  const event::Position durable = pipeline.durable_position();
  auto reader = journal::Reader::open(files, pipeline.journal_folder(), position);
  if (!reader) {
    return reader.error();
  }
  auto entry = (*reader)->next(durable);
  while (!entry && (*reader)->damage() && (*reader)->damage()->last < position) {
    entry = (*reader)->next(durable);
  }
  if (!entry) {
    return entry.error();
  }
  Found found;
  if (!*entry || (*entry)->position != position) {
    return found;
  }
  auto record = event::decode_record((*entry)->bytes);
  if (!record) {
    return record.error();
  }
  found.journalled = {record->received_at, std::string(record->app_id), record->api,
                      std::string(record->request_id), record->kind == event::RecordKind::kRefused};
  found.units = units_of(*record);
  return found;
}

}  // namespace

base::Result<Receipt> find_receipt(io::FileSystem& files, Pipeline& pipeline,
                                   const ReceiptRequest& request) {
  const event::Position position = request.position;
  if (position == 0 || position > pipeline.durable_position()) {
    return never_given(position);
  }
  auto found = read_record(files, pipeline, position);
  if (!found) {
    return found.error();
  }
  if (!request.app_id.empty() &&
      (!found->journalled || found->journalled->app_id != request.app_id)) {
    return never_given(position);
  }
  if (!found->journalled) {
    auto removed = was_removed(files, pipeline.journal_folder(), position);
    if (!removed || !*removed) {
      return removed ? never_given(position) : removed.error();
    }
  }
  Receipt receipt{.position = position, .journalled = std::move(found->journalled), .loaded = {}};
  if (pipeline.visible_position() < position) {
    return receipt;
  }
  auto loaded = find_loaded(pipeline, position, found->units);
  if (!loaded) {
    return loaded.error();
  }
  receipt.loaded = *loaded;
  return receipt;
}

std::string receipt_json(const Receipt& receipt) {
  const auto number = [](std::uint64_t count) { return static_cast<std::int64_t>(count); };
  json::Writer out;
  out.begin_object().key("position").integer(number(receipt.position)).key("journalled");
  if (receipt.journalled) {
    out.begin_object();
    out.key("received_at").string(base::format_sql_timestamp(receipt.journalled->received_at));
    out.key("app_id").string(receipt.journalled->app_id);
    out.key("api").string(event::api_name(receipt.journalled->api));
    out.key("rid").string(receipt.journalled->request_id);
    out.key("refused").boolean(receipt.journalled->refused).end_object();
  } else {
    out.null();
  }
  out.key("loaded");
  if (receipt.loaded) {
    out.begin_object().key("stored").integer(number(receipt.loaded->stored));
    out.key("duplicate").integer(number(receipt.loaded->duplicate));
    out.key("rejected").integer(number(receipt.loaded->rejected)).end_object();
  } else {
    out.null();
  }
  out.end_object();
  return std::move(out).text();
}

}  // namespace engine
