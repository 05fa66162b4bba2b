#include "commands/command_line.h"

#include "commands/commands.h"
#include "engine/engine.h"

#include <CLI/CLI.hpp>

#include <sstream>

namespace commands {
namespace {

constexpr std::chrono::hours kCatchUp{24};
constexpr std::string_view kVersion = "catchment 0.1.0";

std::string one_line(std::string text) {
  for (char& c : text) {
    c = c == '\n' ? ' ' : c;
  }
  return text;
}

/// The command the words lead to: its path, and the first word that is no part of it.
struct Place {
  std::string path;
  bool group = false;  ///< It has commands of its own.
  std::string rest;
};

Place place_of(const CLI::App& root) {
  const CLI::App* at = &root;
  Place out{root.get_name(), false, ""};
  while (!at->get_subcommands().empty()) {
    at = at->get_subcommands().front();
    out.path += " " + at->get_name();
  }
  const std::vector<std::string> rest = at->remaining();
  out.rest = rest.empty() ? "" : rest.front();
  out.group = !at->get_subcommands([](const CLI::App*) { return true; }).empty();
  return out;
}

Usage usage_of(const CLI::App& root, const CLI::ParseError& error) {
  std::ostringstream out;
  std::ostringstream err;
  const int code = root.exit(error, out, err);
  if (code == 0) {
    return {0, out.str()};
  }
  const Place place = place_of(root);
  std::string what = one_line(error.what());
  if (place.group) {
    what = place.rest.empty() ? "a command is missing" : "there is no \"" + place.rest + "\"";
  }
  return {2, "catchment: " + what + "; see '" + place.path + " --help'\n"};
}

}  // namespace

CLI::App* add_command(CLI::App& parent, Invocation& out, const std::string& name,
                      const std::string& doc, std::function<Action()> make) {
  CLI::App* command = parent.add_subcommand(name, doc);
  command->add_option("--data", out.data, "data directory")
      ->type_name("DIR")
      ->capture_default_str();
  command->final_callback([&out, make = std::move(make)] { out.action = make(); });
  return command;
}

base::Result<engine::Pipeline*> caught_up(engine::Engine& engine) {
  base::Result<engine::Pipeline*> pipeline = engine.pipeline();
  if (pipeline && !engine.serving()) {
    const base::Status flushed = (*pipeline)->flush(kCatchUp);
    if (!flushed) {
      return flushed.error();
    }
  }
  return pipeline;
}

int failed(control::Output& output, const base::Error& error) {
  output.err("catchment: " + one_line(error.message) + "\n");
  return 1;
}

std::variant<Invocation, Usage> parse_command_line(const std::vector<std::string>& words) {
  Invocation invocation;
  CLI::App root(
      "Collects product-analytics events over HTTP, keeps every one, and answers "
      "questions about them in SQL.",
      "catchment");
  root.set_version_flag("--version", std::string(kVersion));
  root.require_subcommand(1);
  root.get_formatter()->column_width(34);
  add_serve_command(root, invocation);
  add_app_commands(root, invocation);
  add_token_commands(root, invocation);
  add_query_commands(root, invocation);
  add_kpi_commands(root, invocation);
  add_tail_command(root, invocation);
  add_export_command(root, invocation);
  add_import_command(root, invocation);
  add_rejected_commands(root, invocation);
  add_journal_commands(root, invocation);
  std::vector<std::string> reversed(words.rbegin(), words.rend());  // as CLI11 takes them
  try {
    root.parse(reversed);
  } catch (const CLI::ParseError& error) {
    return usage_of(root, error);
  }
  return invocation;
}

}  // namespace commands
