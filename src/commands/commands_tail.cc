#include "commands/commands.h"
#include "engine/engine.h"

#include <CLI/CLI.hpp>

namespace commands {
namespace {

int tail(engine::Engine& engine, control::Output& output, const std::string& app_id) {
  if (!engine.serving()) {
    output.err("catchment: no server runs on \"" + engine.folder() +
               "\"; start one with 'catchment serve'\n");
    return 1;
  }
  const base::Result<engine::Pipeline*> pipeline = engine.pipeline();
  if (!pipeline) {
    return failed(output, pipeline.error());
  }
  engine::TailHub& hub = (*pipeline)->tail();
  const auto reader = hub.open(app_id);
  while (output.alive()) {
    std::uint64_t lost = 0;
    for (const std::string& line : hub.take(reader, lost)) {
      output.out(line);
    }
    if (lost != 0) {
      output.err("catchment: " + std::to_string(lost) +
                 " lines left out, they came faster than they could be shown\n");
    }
  }
  hub.close(reader);
  return 0;
}

}  // namespace

void add_tail_command(CLI::App& root, Invocation& out) {
  const auto app_id = std::make_shared<std::string>();
  CLI::App* command =
      add_command(root, out, "tail", "print events as they arrive, one line each; ends with Ctrl-C",
                  [app_id]() -> Action {
                    return [app_id](engine::Engine& engine, control::Output& output) {
                      return tail(engine, output, *app_id);
                    };
                  });
  command->add_option("--app", *app_id, "only of this application");
}

}  // namespace commands
