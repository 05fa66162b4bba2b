#pragma once
// A data directory that is open: its lock, its registry and, from first use on, the pipeline that
// runs from the journal to the store. The server keeps one; a command without a server opens one
// for as long as it runs.

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/result.h"
#include "engine/pipeline.h"
#include "engine/rule_book_source.h"
#include "io/file_system.h"
#include "registry/registry.h"
#include "settings/settings.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>

namespace engine {

/// What an Engine is made of. All references outlive it.
struct Surroundings {
  io::FileSystem& files;
  const base::Clock& clock;
  base::Random& random;
  base::Log& log;
};

/// Threads: every method from any thread.
class Engine {
 public:
  /// Opens or creates `folder`. kUnavailable while another process holds its LOCK.
  static base::Result<std::unique_ptr<Engine>> open(const std::string& folder,
                                                    settings::Settings settings,
                                                    const Surroundings& surroundings);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine();

  [[nodiscard]] registry::Registry& registry() { return *registry_; }
  [[nodiscard]] const settings::Settings& settings() const { return settings_; }
  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] const Surroundings& surroundings() const { return surroundings_; }

  /// Starts journal, store and loader unless they run already.
  base::Result<Pipeline*> pipeline();
  /// True while this process serves HTTP; queries then see what is loaded, without waiting.
  [[nodiscard]] bool serving() const { return serving_.load(); }
  void set_serving(std::string public_url);
  /// Where clients reach this server, as far as it knows: "http://127.0.0.1:8080".
  [[nodiscard]] std::string public_url() const;

 private:
  Engine(std::string folder, settings::Settings settings, const Surroundings& surroundings);
  const std::string folder_;
  const settings::Settings settings_;
  const Surroundings surroundings_;
  std::unique_ptr<io::Lock> lock_;
  std::unique_ptr<registry::Registry> registry_;
  std::unique_ptr<RuleBookSource> rule_books_;
  mutable std::mutex mutex_;  // guards the start of the pipeline and the address
  std::unique_ptr<Pipeline> pipeline_;
  std::atomic<bool> serving_{false};
  std::string public_url_;
};

/// True when `folder` holds what no data directory is without: applications, or a journal.
bool is_data_directory(io::FileSystem& files, const std::string& folder);

/// Path of the control socket in a data directory.
std::string socket_path(const std::string& folder);

}  // namespace engine
