#include "commands/commands.h"
#include "engine/engine.h"
#include "engine/receipt.h"
#include "engine/status.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <chrono>

namespace commands {
namespace {

struct SqlOptions {
  std::string format = "table";
  std::string query;
};

int sql(engine::Engine& engine, control::Output& output, const SqlOptions& options) {
  const base::Result<engine::Pipeline*> pipeline = caught_up(engine);
  if (!pipeline) {
    return failed(output, pipeline.error());
  }
  const store::ResultFormat format = options.format == "json"  ? store::ResultFormat::kJson
                                     : options.format == "csv" ? store::ResultFormat::kCsv
                                                               : store::ResultFormat::kTable;
  store::QueryLimits limits;
  limits.deadline = engine.settings().query.deadline;
  const base::Result<store::QueryResult> result =
      (*pipeline)->store().query(options.query, format, limits);
  if (!result) {
    return failed(output, result.error());
  }
  output.out(result->text);
  if (!result->text.ends_with('\n')) {
    output.out("\n");
  }
  return 0;
}

void add_sql(CLI::App& root, Invocation& out) {
  const auto options = std::make_shared<SqlOptions>();
  CLI::App* command = add_command(
      root, out, "sql", "run one SELECT; docs/tables.md lists the tables", [options]() -> Action {
        return [options](engine::Engine& engine, control::Output& output) {
          return sql(engine, output, *options);
        };
      });
  command->add_option("--format", options->format, "table, json (an array of objects) or csv")
      ->check(CLI::IsMember({"table", "json", "csv"}))
      ->capture_default_str();
  command->add_option("QUERY", options->query, "the statement")->required();
}

int flush(engine::Engine& engine, control::Output& output, double timeout_seconds) {
  const base::Result<engine::Pipeline*> pipeline = engine.pipeline();
  if (!pipeline) {
    return failed(output, pipeline.error());
  }
  const auto timeout = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::duration<double>(timeout_seconds));
  const base::Status done = (*pipeline)->flush(timeout);
  return done ? 0 : failed(output, done.error());
}

void add_flush(CLI::App& root, Invocation& out) {
  const auto timeout_seconds = std::make_shared<double>(300);
  CLI::App* command =
      add_command(root, out, "flush", "return when everything answered so far can be queried",
                  [timeout_seconds]() -> Action {
                    return [timeout_seconds](engine::Engine& engine, control::Output& output) {
                      return flush(engine, output, *timeout_seconds);
                    };
                  });
  command->add_option("--timeout", *timeout_seconds, "seconds to wait")
      ->type_name("S")
      ->check(CLI::Range(0.0, 1e6))
      ->capture_default_str();
}

int status(engine::Engine& engine, control::Output& output, bool json) {
  const base::Result<engine::Pipeline*> pipeline = caught_up(engine);
  if (!pipeline) {
    return failed(output, pipeline.error());
  }
  const engine::StatusReport report = engine::make_status(**pipeline, engine.registry());
  output.out(json ? engine::status_json(report) + "\n" : engine::status_text(report));
  return 0;
}

void add_status(CLI::App& root, Invocation& out) {
  const auto json = std::make_shared<bool>(false);
  CLI::App* command =
      add_command(root, out, "status", "what was received, stored and refused, and how far it is",
                  [json]() -> Action {
                    return [json](engine::Engine& engine, control::Output& output) {
                      return status(engine, output, *json);
                    };
                  });
  command->add_flag("--json", *json, "as one JSON object");
}

int receipt(engine::Engine& engine, control::Output& output, event::Position position) {
  const base::Result<engine::Pipeline*> pipeline = caught_up(engine);
  if (!pipeline) {
    return failed(output, pipeline.error());
  }
  const base::Result<engine::Receipt> found =
      engine::find_receipt(engine.surroundings().files, **pipeline, {.position = position});
  if (!found) {
    return failed(output, found.error());
  }
  output.out(engine::receipt_json(*found) + "\n");
  return 0;
}

void add_receipt(CLI::App& root, Invocation& out) {
  const auto position = std::make_shared<event::Position>(0);
  CLI::App* command = add_command(
      root, out, "receipt", "what became of one request, as JSON", [position]() -> Action {
        return [position](engine::Engine& engine, control::Output& output) {
          return receipt(engine, output, *position);
        };
      });
  command->add_option("POSITION", *position, "X-Catchment-Position of its answer")->required();
}

int rebuild(engine::Engine& engine, control::Output& output) {
  const base::Result<engine::Pipeline*> pipeline = engine.pipeline();
  if (!pipeline) {
    return failed(output, pipeline.error());
  }
  const base::Status done = (*pipeline)->rebuild([&output](event::Position position,
                                                           event::Position last) {
    if (output.terminal() && last != 0) {
      output.err(fmt::format("\r{:3}%  {} of {} requests", position * 100 / last, position, last));
    }
    return output.alive();
  });
  if (output.terminal()) {
    output.err("\n");
  }
  return done ? 0 : failed(output, done.error());
}

}  // namespace

void add_query_commands(CLI::App& root, Invocation& out) {
  add_sql(root, out);
  add_flush(root, out);
  add_status(root, out);
  add_receipt(root, out);
  add_command(root, out, "rebuild", "drop the store and derive it again from the journal",
              []() -> Action { return rebuild; });
}

}  // namespace commands
