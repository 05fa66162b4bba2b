#include "commands/commands.h"
#include "commands/replay.h"
#include "engine/engine.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <limits>

namespace commands {
namespace {

struct Selection {
  std::string app_id;
  std::string code;
  std::uint64_t limit = 100;
  std::string place;  ///< "POSITION" or "POSITION:INDEX".
  bool all = false;
};

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    out += c == '\'' ? "''" : std::string(1, c);
  }
  return out + "'";
}

/// What follows WHERE for a selection; wrong usage when the place is not one.
base::Result<std::string> condition_of(const Selection& selection) {
  std::string out = "true";
  if (!selection.app_id.empty()) {
    out += " AND app_id = " + quoted(selection.app_id);
  }
  if (!selection.code.empty()) {
    out += " AND code = " + quoted(selection.code);
  }
  if (!selection.place.empty()) {
    const std::size_t colon = selection.place.find(':');
    const std::string position = selection.place.substr(0, colon);
    const std::string index = colon == std::string::npos ? "" : selection.place.substr(colon + 1);
    const auto is_number = [](const std::string& text) {
      return !text.empty() && text.size() < 19 &&
             text.find_first_not_of("0123456789") == std::string::npos;
    };
    if (!is_number(position) || (colon != std::string::npos && !is_number(index))) {
      return base::fail(base::Code::kInvalid,
                        "\"" + selection.place + "\" is not POSITION or POSITION:INDEX");
    }
    out += " AND journal_position = " + position;
    out += index.empty() ? "" : " AND record_index = " + index;
  }
  return out;
}

base::Error nothing_at(const std::string& place) {
  return base::fail(base::Code::kNotFound,
                    "nothing was put aside at " + place + "; see 'catchment rejected list'");
}

int print_query(engine::Engine& engine, control::Output& output, const Selection& selection,
                const std::string& columns, store::ResultFormat format) {
  const base::Result<std::string> condition = condition_of(selection);
  const base::Result<engine::Pipeline*> pipeline = caught_up(engine);
  if (!condition || !pipeline) {
    return failed(output, condition ? pipeline.error() : condition.error());
  }
  const base::Result<store::QueryResult> result = (*pipeline)->store().query(
      fmt::format("SELECT {} FROM rejected_event WHERE {} ORDER BY journal_position, record_index"
                  " LIMIT {}",
                  columns, *condition, selection.limit),
      format, {});
  if (!result) {
    return failed(output, result.error());
  }
  if (result->rows == 0 && !selection.place.empty()) {
    return failed(output, nothing_at(selection.place));
  }
  output.out(result->text.ends_with('\n') ? result->text : result->text + "\n");
  return 0;
}

int list(engine::Engine& engine, control::Output& output, const Selection& selection) {
  return print_query(engine, output, selection,
                     "journal_position || ':' || record_index AS place, received_at, app_id, api,"
                     " code, reason",
                     store::ResultFormat::kTable);
}

int show(engine::Engine& engine, control::Output& output, const Selection& selection) {
  Selection whole = selection;
  whole.limit = std::numeric_limits<std::int64_t>::max();
  return print_query(engine, output, whole, "*", store::ResultFormat::kJson);
}

int replay(engine::Engine& engine, control::Output& output, const Selection& selection) {
  const base::Result<std::string> condition = condition_of(selection);
  const base::Result<engine::Pipeline*> pipeline = caught_up(engine);
  if (!condition || !pipeline) {
    return failed(output, condition ? pipeline.error() : condition.error());
  }
  const base::Result<ReplayResult> result = replay_rejected(engine, **pipeline, *condition);
  if (!result) {
    return failed(output, result.error());
  }
  if (result->tried == 0 && !selection.place.empty()) {
    return failed(output, nothing_at(selection.place));
  }
  if (result->tried == 0) {
    output.out("nothing was put aside that fits: nothing to try again\n");
    return 0;
  }
  output.out(fmt::format("{} tried again: {} stored, {} put aside again\n", result->tried,
                         result->tried - result->rejected, result->rejected));
  return 0;
}

/// Where the three commands are added, and what they select by.
struct Group {
  CLI::App& parent;
  Invocation& out;
  std::shared_ptr<Selection> selection;
};

CLI::App* add_selecting(const Group& group, const std::string& name, const std::string& doc,
                        int (*run)(engine::Engine&, control::Output&, const Selection&)) {
  const std::shared_ptr<Selection> selection = group.selection;
  CLI::App* command = add_command(group.parent, group.out, name, doc, [selection, run]() -> Action {
    return [selection, run](engine::Engine& engine, control::Output& output) {
      return run(engine, output, *selection);
    };
  });
  command->add_option("--app", selection->app_id, "only of this application");
  command->add_option("--code", selection->code, "only with this code");
  return command;
}

}  // namespace

void add_rejected_commands(CLI::App& root, Invocation& out) {
  CLI::App* rejected =
      root.add_subcommand("rejected", "what could not be stored, why, and another try");
  rejected->require_subcommand(1);
  const auto selection = std::make_shared<Selection>();
  const Group group{*rejected, out, selection};
  CLI::App* listed = add_selecting(group, "list", "list what was put aside, oldest first", list);
  listed->add_option("--limit", selection->limit, "how many")->capture_default_str();
  CLI::App* shown = add_selecting(group, "show", "print it whole, as JSON", show);
  shown->add_option("PLACE", selection->place,
                    "POSITION or POSITION:INDEX, as listed; all when left out");
  CLI::App* replayed = add_selecting(
      group, "replay", "try again with the applications and settings there are now", replay);
  replayed->add_option("PLACE", selection->place,
                       "POSITION or POSITION:INDEX, as listed; all when left out");
  replayed->add_flag("--all", selection->all, "everything that was put aside, as without PLACE");
}

}  // namespace commands
