#include "imports/packer.h"

#include "codec/hash.h"
#include "event/imported.h"
#include "event/record.h"

#include <utility>

namespace imports {
namespace {

constexpr std::size_t kUnitsMax = 500;
constexpr std::size_t kBodyBytesMax = std::size_t{512} << 10U;
/// A record of the journal holds 8 MiB.
constexpr std::size_t kUnitBytesMax = std::size_t{4} << 20U;
constexpr std::size_t kKeptBytesMax = std::size_t{1} << 20U;
constexpr std::size_t kLengthBytes = 4;

/// What two units must have in common to travel together.
std::string key_of(const Unit& unit) {
  std::string key = std::to_string(base::to_us(unit.received_at));
  for (const std::string* text :
       {&unit.request_id, &unit.target, &unit.peer_ip, &unit.user_agent}) {
    key += '\0';
    key += *text;
  }
  for (const auto& [name, value] : unit.headers) {
    key += '\0';
    key.append(name).append(":").append(value);
  }
  return key;
}

std::string hit_id(const std::string& same_as, std::uint32_t ordinal) {
  return "import-" + codec::to_hex(codec::hash128(same_as + "#" + std::to_string(ordinal)));
}

}  // namespace

bool Packer::takes_many() const {
  const event::Api api = api_of(reading_.format);
  return api == event::Api::kMobileAnalytics || api == event::Api::kClevertap;
}

void Packer::add(Unit unit, std::uint64_t line) {
  if (unit.body.size() > kUnitBytesMax) {
    refuse(unit.body, "it takes " + std::to_string(unit.body.size()) + " bytes", line);
    return;
  }
  const std::uint32_t ordinal = unit.same_as.empty() ? 0 : same_.count(unit.same_as);
  if (unit.needs_hit_id) {
    unit.body.replace(0, 1, "{\"hitId\":\"" + hit_id(unit.same_as, ordinal) + "\",");
  }
  std::string body = std::move(unit.body);
  const std::string key = takes_many() ? key_of(unit) : "";
  const auto open = open_.find(key);
  Request* request = open == open_.end() ? nullptr : &requests_[open->second];
  if (request == nullptr || request->units >= kUnitsMax ||
      request->body.size() + body.size() > kBodyBytesMax) {
    request = &requests_.emplace_back();
    request->common = std::move(unit);
    request->line = line;
    if (takes_many()) {
      open_[key] = requests_.size() - 1;
    }
  }
  if (ordinal > 0) {
    request->ordinals += (request->ordinals.empty() ? "" : ",") + std::to_string(request->units) +
                         ":" + std::to_string(ordinal);
  }
  request->body += request->units == 0 ? "" : ",";
  request->body += body;
  ++request->units;
}

void Packer::refuse(std::string_view text, const std::string& reason, std::uint64_t line) {
  Request& request = requests_.emplace_back();
  request.body = text.substr(0, kKeptBytesMax);
  request.line = line;
  request.reason = "line " + std::to_string(line) + " of " + std::string(file_) + ": " + reason;
}

std::string Packer::encode(const Request& request, const std::string& id) const {
  const std::string place = std::string(file_) + ":" + std::to_string(request.line);
  const bool refused = !request.reason.empty();
  event::Record record;
  record.kind = refused ? event::RecordKind::kRefused : event::RecordKind::kAccepted;
  record.api = api_of(reading_.format);
  record.received_at = request.common.received_at;
  record.app_id = reading_.app_id;
  record.request_id = request.common.request_id.empty()
                          ? std::string_view(id)
                          : std::string_view(request.common.request_id);
  record.method = "POST";
  record.target = request.common.target;
  record.peer_ip = request.common.peer_ip;
  record.user_agent = request.common.user_agent;
  for (const auto& [name, value] : request.common.headers) {
    record.headers.push_back({name, value});
  }
  record.notes = {{event::kImportNote, id},
                  {event::kImportedFromNote, format_name(reading_.format)},
                  {"import_place", place}};
  std::string body = request.body;
  if (refused) {
    record.notes.push_back({"code", "import_line"});
    record.notes.push_back({"reason", request.reason});
  } else if (takes_many()) {
    record.notes.push_back({event::kOrdinalsNote, request.ordinals});
    const bool events = record.api == event::Api::kMobileAnalytics;
    body = (events ? "{\"events\":[" : "{\"d\":[") + request.body + "]}";
  } else if (record.api == event::Api::kClickstream) {
    record.notes.push_back({event::kOwnAppNote, "1"});
  }
  record.body = body;
  std::string bytes;
  event::encode_record(record, bytes);
  return bytes;
}

std::vector<std::string> Packer::records(std::string_view part) const {
  std::vector<std::string> out;
  out.reserve(requests_.size());
  for (const Request& request : requests_) {
    out.push_back(encode(request, std::string(part) + ":" + std::to_string(out.size())));
  }
  return out;
}

std::string join(const std::vector<std::string>& records) {
  std::string out;
  for (const std::string& record : records) {
    for (std::size_t i = 0; i < kLengthBytes; ++i) {
      out += static_cast<char>((record.size() >> (8 * i)) & 0xFFU);
    }
    out += record;
  }
  return out;
}

base::Result<std::vector<std::string_view>> split(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < kLengthBytes && i < text.size(); ++i) {
      bytes |= std::size_t{static_cast<unsigned char>(text[i])} << (8 * i);
    }
    if (text.size() < kLengthBytes || text.size() - kLengthBytes < bytes) {
      return base::fail(base::Code::kInvalid, "the records of an import are cut short");
    }
    out.push_back(text.substr(kLengthBytes, bytes));
    text.remove_prefix(kLengthBytes + bytes);
  }
  return out;
}

}  // namespace imports
