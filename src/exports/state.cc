#include "exports/state.h"

#include "json/value.h"
#include "json/writer.h"

namespace exports {
namespace {

constexpr std::uint64_t kStateBytesMax = std::uint64_t{1} << 20U;

base::Error corrupt(const std::string& path) {
  return base::fail(base::Code::kCorrupt,
                    "\"" + path + "\" is not the state of an export; remove it to begin anew");
}

}  // namespace

base::Result<std::optional<State>> load_state(io::FileSystem& files, const std::string& path,
                                              const Identity& identity) {
  if (!files.exists(path)) {
    return std::optional<State>();
  }
  const auto text = io::read_file(files, path, kStateBytesMax);
  if (!text) {
    return text.error();
  }
  const auto document = json::Document::parse(*text);
  if (!document) {
    return corrupt(path);
  }
  const json::Value root = document->root();
  const auto position = root["position"].integer();
  const auto bytes = root["bytes"].integer();
  if (!position || !bytes || *position < 0 || *bytes < 0) {
    return corrupt(path);
  }
  if (root["app_id"].string() != identity.app_id || root["shape"].string() != identity.shape) {
    return base::fail(base::Code::kInvalid, "\"" + path + "\" is of application \"" +
                                                json::to_text(root["app_id"]) + "\" and shape " +
                                                json::to_text(root["shape"]));
  }
  State state;
  state.position = static_cast<event::Position>(*position);
  state.bytes = static_cast<std::uint64_t>(*bytes);
  for (const json::Value rename : root["renames"].elements()) {
    state.renames.emplace_back(json::to_text(rename["from"]), json::to_text(rename["to"]));
  }
  return std::optional(std::move(state));
}

base::Status save_state(io::FileSystem& files, const std::string& path, const Identity& identity,
                        const State& state) {
  json::Writer out;
  out.begin_object();
  out.key("app_id").string(identity.app_id);
  out.key("shape").string(identity.shape);
  out.key("position").integer(static_cast<std::int64_t>(state.position));
  out.key("bytes").integer(static_cast<std::int64_t>(state.bytes));
  out.key("renames").begin_array();
  for (const auto& [from, to] : state.renames) {
    out.begin_object().key("from").string(from).key("to").string(to).end_object();
  }
  out.end_array().end_object();
  return io::replace_file(files, path, out.text() + "\n");
}

}  // namespace exports
