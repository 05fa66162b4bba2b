#include "commands/record_text.h"

#include "base/time_text.h"
#include "codec/text.h"
#include "json/writer.h"

namespace commands {
namespace {

template <class Pairs, class Name>
void write_pairs(json::Writer& out, const Pairs& pairs, Name name) {
  out.begin_object();
  for (const auto& pair : pairs) {
    out.key(pair.*name).string(pair.value);
  }
  out.end_object();
}

}  // namespace

std::string record_json(event::Position position, std::string_view bytes) {
  json::Writer out;
  out.begin_object().key("position").integer(static_cast<std::int64_t>(position));
  const base::Result<event::Record> record = event::decode_record(bytes);
  if (!record) {
    out.key("error").string(record.error().message).end_object();
    return std::move(out).text();
  }
  out.key("received_at").string(base::format_iso8601_ms(record->received_at));
  out.key("api").string(event::api_name(record->api));
  out.key("app_id").string(record->app_id);
  out.key("kind").string(record->kind == event::RecordKind::kAccepted ? "accepted" : "refused");
  out.key("rid").string(record->request_id);
  out.key("method").string(record->method);
  out.key("target").string(record->target);
  out.key("peer_ip").string(record->peer_ip);
  out.key("user_agent").string(record->user_agent);
  out.key("headers");
  write_pairs(out, record->headers, &event::Header::name);
  out.key("notes");
  write_pairs(out, record->notes, &event::Note::key);
  if (json::make_utf8(record->body) == record->body) {
    out.key("body").string(record->body);
  } else {
    out.key("body_base64").string(codec::encode_base64(record->body));
  }
  out.end_object();
  return std::move(out).text();
}

}  // namespace commands
