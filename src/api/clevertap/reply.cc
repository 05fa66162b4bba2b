#include "api/clevertap/reply.h"

#include "json/lenient.h"
#include "json/writer.h"

#include <utility>

namespace api::clevertap {

std::string upload_answer(std::size_t processed, const std::vector<event::Rejection>& unprocessed) {
  const bool all_good = unprocessed.empty();
  json::Writer writer;
  writer.begin_object();
  writer.key("status").string(all_good ? "success" : processed > 0 ? "partial" : "fail");
  writer.key("processed").integer(static_cast<std::int64_t>(processed));
  writer.key("unprocessed").begin_array();
  for (const event::Rejection& rejection : unprocessed) {
    writer.begin_object().key("status").string("fail");
    writer.key("code").integer(json::parse_integer(rejection.code).value_or(0));
    writer.key("error").string(rejection.reason);
    writer.key("record").raw(rejection.record).end_object();
  }
  writer.end_array().end_object();
  return std::move(writer).text();
}

std::string failure_answer(int status, std::string_view error) {
  json::Writer writer;
  writer.begin_object().key("status").string("fail");
  writer.key("error").string(error).key("code").integer(status).end_object();
  return std::move(writer).text();
}

}  // namespace api::clevertap
