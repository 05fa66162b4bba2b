#include "loader/rows.h"

#include "base/text.h"
#include "codec/text.h"
#include "json/writer.h"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>
#include <variant>

namespace loader {
namespace {

constexpr std::int64_t kDayUs = 86'400'000'000;
constexpr std::int64_t kYear2000Us = 946'684'800'000'000;

std::int64_t day_of(std::int64_t us) {
  return std::chrono::floor<std::chrono::days>(std::chrono::microseconds(us)).count();
}

void repair(std::string& text) {
  if (!text.empty() && !base::is_ascii(text)) {
    text = json::make_utf8(text);
  }
}

template <class Row>
using TextFields = std::vector<std::string Row::*>;

template <class Row>
TextFields<Row> texts_of(std::span<const event::Column<Row>> columns) {
  TextFields<Row> out;
  for (const event::Column<Row>& column : columns) {
    if (const auto* field = std::get_if<std::string Row::*>(&column.field)) {
      out.push_back(*field);
    }
  }
  return out;
}

const TextFields<event::Event>& event_texts() {
  static const auto kTexts = texts_of(event::event_columns());
  return kTexts;
}

template <class Row>
void repair_texts(const TextFields<Row>& fields, Row& row) {
  for (const auto field : fields) {
    repair(row.*field);
  }
}

void default_to(std::string& text, std::string_view value) {
  if (text.empty()) {
    text = value;
  }
}

}  // namespace

void fill_event(const event::Record& record, UnitPlace place, event::Event& event) {
  event.api = record.api;
  event.journal_position = static_cast<std::int64_t>(place.position);
  event.received_at = base::to_us(record.received_at);
  default_to(event.app_id, record.app_id);
  default_to(event.peer_ip, record.peer_ip);
  default_to(event.ip, event.peer_ip);
  default_to(event.user_agent, record.user_agent);
  default_to(event.properties, "{}");
  if (!event.user_id.empty()) {
    default_to(event.user_id_kind, "user");
  }
  if (event.event_id.empty()) {
    event.event_id = std::to_string(place.position) + "-" + std::to_string(place.index);
  }
}

void file_event(event::Event& event) {
  const std::int64_t received = event.received_at.value_or(0);
  const std::int64_t happened = event.event_timestamp.value_or(received);
  const bool plausible = happened >= kYear2000Us && happened <= received + kDayUs;
  event.event_date = day_of(plausible ? happened : received);
}

void make_storable(event::Event& event) {
  repair_texts(event_texts(), event);
  for (event::Item& item : event.items) {
    for (std::string* text :
         {&item.item_id, &item.name, &item.brand, &item.category, &item.category2, &item.category3,
          &item.category4, &item.category5, &item.currency, &item.creative_name,
          &item.creative_slot, &item.location_id, &item.properties}) {
      repair(*text);
    }
  }
}

void take_items(event::Event& event, std::vector<event::ItemRow>& rows) {
  std::int64_t index = 0;
  for (event::Item& item : event.items) {
    event::ItemRow& row = rows.emplace_back();
    row.app_id = event.app_id;
    row.api = event.api;
    row.event_id = event.event_id;
    row.event_name = event.event_name;
    row.event_timestamp = event.event_timestamp;
    row.event_date = event.event_date;
    row.user_pseudo_id = event.user_pseudo_id;
    row.user_id = event.user_id;
    row.platform = event.platform;
    row.received_at = event.received_at;
    row.item_id = std::move(item.item_id);
    row.name = std::move(item.name);
    row.brand = std::move(item.brand);
    row.category = std::move(item.category);
    row.category2 = std::move(item.category2);
    row.category3 = std::move(item.category3);
    row.category4 = std::move(item.category4);
    row.category5 = std::move(item.category5);
    row.price = item.price;
    row.quantity = item.quantity;
    row.currency = std::move(item.currency);
    row.creative_name = std::move(item.creative_name);
    row.creative_slot = std::move(item.creative_slot);
    row.location_id = std::move(item.location_id);
    row.item_index = index++;
    row.properties = std::move(item.properties);
    default_to(row.properties, "{}");
    row.journal_position = event.journal_position;
  }
  event.items.clear();
}

std::uint64_t person_bytes(const event::Decoded& decoded) {
  constexpr std::uint64_t kPerson = 800;
  constexpr std::uint64_t kProperty = 100;
  std::uint64_t bytes = 0;
  for (const event::ProfileChange& change : decoded.profiles) {
    bytes += kPerson;
    for (const event::PropertyChange& property : change.properties) {
      bytes += kProperty + property.key.size() + property.value_json.size();
    }
  }
  return bytes;
}

std::uint64_t row_bytes(const event::Record& record, const event::Decoded& decoded) {
  std::uint64_t bytes = decoded.events.size() * (sizeof(event::Event) + record.user_agent.size());
  for (const event::Event& event : decoded.events) {
    for (const auto field : event_texts()) {
      bytes += (event.*field).size();
    }
    const std::uint64_t repeated = event.app_id.size() + event.event_id.size() +
                                   event.event_name.size() + event.user_pseudo_id.size() +
                                   event.user_id.size();
    bytes += event.items.size() * (sizeof(event::ItemRow) + repeated);
    for (const event::Item& item : event.items) {
      bytes += item.name.size() + item.properties.size();
    }
  }
  for (const event::Rejection& rejection : decoded.rejections) {
    bytes += sizeof(event::RejectedRow) + rejection.reason.size() + rejection.record.size();
  }
  return bytes;
}

event::RejectedRow rejected_row(const event::Record& record, Position position,
                                event::Rejection rejection) {
  event::RejectedRow row;
  row.app_id = std::move(rejection.app_id);
  default_to(row.app_id, record.app_id);
  row.api = record.api;
  row.received_at = base::to_us(record.received_at);
  row.event_date = day_of(*row.received_at);
  row.code = std::move(rejection.code);
  row.reason = std::move(rejection.reason);
  row.record = as_text(rejection.record);
  row.rid = record.request_id;
  row.record_index = rejection.index;
  row.journal_position = static_cast<std::int64_t>(position);
  repair_texts(texts_of(event::rejected_columns()), row);
  return row;
}

event::Rejection whole_record(const event::Record& record, std::string code, std::string reason) {
  event::Rejection rejection;
  rejection.code = std::move(code);
  rejection.reason = std::move(reason);
  rejection.record = record.body;
  return rejection;
}

std::string as_text(std::string_view bytes) {
  if (base::is_ascii(bytes) || json::make_utf8(bytes) == bytes) {
    return std::string(bytes);
  }
  return codec::encode_base64(bytes);
}

}  // namespace loader
