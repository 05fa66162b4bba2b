#include "base/time_text.h"
#include "codec/text.h"
#include "commands/commands.h"
#include "commands/record_text.h"
#include "engine/engine.h"
#include "journal/reader.h"
#include "journal/verify.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace commands {
namespace {

int verify(engine::Engine& engine, control::Output& output) {
  const base::Result<engine::Pipeline*> pipeline = engine.pipeline();
  if (!pipeline) {
    return failed(output, pipeline.error());
  }
  const base::Result<journal::Verdict> verdict =
      journal::verify(engine.surroundings().files, (*pipeline)->journal_folder(),
                      [&output](std::uint64_t done, std::uint64_t total) {
                        if (output.terminal() && total != 0) {
                          output.err(fmt::format("\r{:3}%", done * 100 / total));
                        }
                      });
  if (output.terminal()) {
    output.err("\r");
  }
  if (!verdict) {
    return failed(output, verdict.error());
  }
  output.out(fmt::format("{} segments, {} records, {} bytes, positions {} to {}\n",
                         verdict->segments, verdict->records, verdict->payload_bytes,
                         verdict->first, verdict->last));
  for (const journal::Damage& damage : verdict->damages) {
    output.out(
        fmt::format("damaged: positions {} to {}: {}\n", damage.first, damage.last, damage.reason));
  }
  for (const std::string& note : verdict->notes) {
    output.out("damaged: " + note + "\n");
  }
  return verdict->good() ? 0 : 1;
}

struct CatOptions {
  std::uint64_t from = 1;
  std::uint64_t count = 0;
};

int cat(engine::Engine& engine, control::Output& output, const CatOptions& options) {
  const base::Result<engine::Pipeline*> pipeline = engine.pipeline();
  if (!pipeline) {
    return failed(output, pipeline.error());
  }
  base::Result<std::unique_ptr<journal::Reader>> reader = journal::Reader::open(
      engine.surroundings().files, (*pipeline)->journal_folder(), options.from);
  if (!reader) {
    return failed(output, reader.error());
  }
  const event::Position through = (*pipeline)->durable_position();
  int code = 0;
  for (std::uint64_t shown = 0; (options.count == 0 || shown < options.count) && output.alive();
       ++shown) {
    const base::Result<std::optional<journal::Entry>> entry = (*reader)->next(through);
    if (!entry) {
      code = failed(output, entry.error());
      if (!(*reader)->damage()) {
        break;  // Nothing was skipped: the next call would fail the same way.
      }
      continue;
    }
    if (!*entry) {
      break;
    }
    output.out(record_json((*entry)->position, (*entry)->bytes) + "\n");
  }
  return code;
}

}  // namespace

void add_journal_commands(CLI::App& root, Invocation& out) {
  CLI::App* journal = root.add_subcommand("journal", "check and print what the journal holds");
  journal->require_subcommand(1);
  add_command(*journal, out, "verify",
              "read every record and check it; exit code 1 when one is damaged",
              []() -> Action { return verify; });
  const auto options = std::make_shared<CatOptions>();
  CLI::App* command = add_command(
      *journal, out, "cat", "print records, one JSON object a line", [options]() -> Action {
        return [options](engine::Engine& engine, control::Output& output) {
          return cat(engine, output, *options);
        };
      });
  command->add_option("--from", options->from, "first position")->capture_default_str();
  command->add_option("--count", options->count, "how many; 0 prints all")->capture_default_str();
}

}  // namespace commands
