#include "engine/engine.h"

#include <fmt/format.h>

namespace engine {

Engine::Engine(std::string folder, settings::Settings settings, const Surroundings& surroundings)
    : folder_(std::move(folder)),
      settings_(std::move(settings)),
      surroundings_(surroundings),
      public_url_(fmt::format("http://{}:{}", settings_.server.host, settings_.server.port)) {}

Engine::~Engine() = default;

base::Result<std::unique_ptr<Engine>> Engine::open(const std::string& folder,
                                                   settings::Settings settings,
                                                   const Surroundings& surroundings) {
  std::unique_ptr<Engine> engine(
      new Engine(folder, std::move(settings), surroundings));  // NOLINT: private constructor
  const base::Status made = surroundings.files.create_directories(folder);
  if (!made) {
    return made.error();
  }
  base::Result<std::unique_ptr<io::Lock>> lock = surroundings.files.lock(io::join(folder, "LOCK"));
  if (!lock && lock.error().code == base::Code::kUnavailable) {
    return base::fail(base::Code::kUnavailable,
                      "\"" + folder +
                          "\" is used by another process, such as a server; stop it, or "
                          "choose another directory with --data");
  }
  if (!lock) {
    return std::move(lock).error();
  }
  engine->lock_ = *std::move(lock);
  base::Result<std::unique_ptr<registry::Registry>> registry =
      registry::Registry::open(folder, surroundings.clock, surroundings.random);
  if (!registry) {
    return std::move(registry).error();
  }
  engine->registry_ = *std::move(registry);
  engine->rule_books_ = std::make_unique<RuleBookSource>(*engine->registry_);
  return engine;
}

base::Result<Pipeline*> Engine::pipeline() {
  const std::lock_guard lock(mutex_);
  if (pipeline_ == nullptr) {
    Neighbours neighbours{surroundings_.files, surroundings_.clock, surroundings_.log};
    neighbours.rule_book = [this] { return rule_books_->current(); };
    neighbours.registry = [this] { return registry_->snapshot(); };
    base::Result<std::unique_ptr<Pipeline>> started =
        Pipeline::start(folder_, settings_, std::move(neighbours));
    if (!started) {
      return std::move(started).error();
    }
    pipeline_ = *std::move(started);
  }
  return pipeline_.get();
}

void Engine::set_serving(std::string public_url) {
  const std::lock_guard lock(mutex_);
  public_url_ = std::move(public_url);
  serving_.store(true);
}

std::string Engine::public_url() const {
  const std::lock_guard lock(mutex_);
  return public_url_;
}

bool is_data_directory(io::FileSystem& files, const std::string& folder) {
  return files.exists(io::join(folder, "registry.db")) || files.exists(io::join(folder, "journal"));
}

std::string socket_path(const std::string& folder) { return io::join(folder, "catchment.sock"); }

}  // namespace engine
