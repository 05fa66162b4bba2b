#include "base/time_text.h"
#include "commands/commands.h"
#include "engine/engine.h"
#include "exports/exporter.h"
#include "exports/receiver.h"

#include <CLI/CLI.hpp>

#include <chrono>
#include <optional>
#include <utility>

namespace commands {
namespace {

using exports::Shape;

struct ExportOptions {
  std::string app_id;
  std::string shape = "mobile-analytics-nested";
  bool follow = false;
  event::Position after = 0;
  std::string start;
  std::string end;
  std::string output;
  std::string state;
  std::string hourly;
  exports::ChosenColumns chosen;
  // What the process the command was typed in adds, which alone knows its files.
  std::optional<event::Position> resume_at;
  bool no_header = false;

  [[nodiscard]] Shape shape_value() const {
    return exports::shape_from_name(shape).value_or(Shape::kNested);
  }
};

/// The first microsecond of a day.
std::optional<base::Time> parse_day(const std::string& text) {
  constexpr std::size_t kDayLength = 10;  // 2018-02-02
  return text.size() == kDayLength ? base::parse_iso8601(text) : std::nullopt;
}

std::string check_day(const std::string& text) {
  return parse_day(text) ? "" : "\"" + text + "\" is not a day such as 2018-02-28";
}

/// What does not go together.
void check(const ExportOptions& options) {
  const Shape shape = options.shape_value();
  const bool has_lines = shape == Shape::kNested || shape == Shape::kFlat;
  const auto refuse = [](const std::string& text) { throw CLI::ValidationError(text); };
  if (!options.hourly.empty() && !has_lines) {
    refuse("--hourly: files by the hour hold mobile-analytics-nested or mobile-analytics-flat");
  }
  if (shape == Shape::kParquet && (options.follow || !options.state.empty())) {
    refuse("--shape parquet: one file that is written once, without --follow and --state");
  }
  if (shape != Shape::kRedshift &&
      (!options.chosen.attributes.empty() || !options.chosen.metrics.empty())) {
    refuse("--attributes, --metrics: only redshift-csv has columns to choose");
  }
  if (!options.start.empty() && !options.end.empty() &&
      parse_day(options.start) > parse_day(options.end)) {
    refuse("--end: " + options.end + " is before " + options.start);
  }
}

store::EventRange range_of(const ExportOptions& options, event::Position through) {
  store::EventRange out;
  out.app_id = options.app_id;
  out.after = options.resume_at.value_or(options.after);
  out.through = std::max(through, out.after);
  if (const auto day = parse_day(options.start)) {
    out.received_from = base::to_us(*day);
  }
  if (const auto day = parse_day(options.end)) {
    out.received_before = base::to_us(*day + std::chrono::days(1));
  }
  return out;
}

/// An application that was deleted has still its events.
base::Result<exports::Owner> owner_of(engine::Engine& engine, engine::Pipeline& pipeline,
                                      const std::string& id) {
  if (const registry::App* app = engine.registry().snapshot()->app(id)) {
    return exports::owner_of(*app);
  }
  std::string quoted;
  for (const char c : id) {
    quoted.append(c == '\'' ? 2U : 1U, c);
  }
  const base::Result<store::QueryResult> rows = pipeline.store().query(
      "SELECT 1 FROM event WHERE app_id = '" + quoted + "' LIMIT 1", store::ResultFormat::kCsv, {});
  if (!rows) {
    return rows.error();
  }
  if (rows->rows == 0) {
    return base::fail(base::Code::kNotFound, "there is no application \"" + id +
                                                 "\" and no event of it; see 'catchment app list'");
  }
  exports::Owner owner;
  owner.app_id = id;
  return owner;
}

/// Everything answered until now.
base::Result<event::Position> loaded(engine::Pipeline& pipeline, control::Output& output) {
  const event::Position wanted = pipeline.durable_position();
  while (!pipeline.wait_visible(wanted, std::chrono::milliseconds(200))) {
    if (!output.alive()) {
      return base::fail(base::Code::kUnavailable, "interrupted while events were being loaded");
    }
  }
  return wanted;
}

int run_export(engine::Engine& engine, control::Output& output, const ExportOptions& options) {
  if (options.follow && !engine.serving()) {
    output.err("catchment: no server runs on \"" + engine.folder() +
               "\", so nothing would follow; start one with 'catchment serve'\n");
    return 1;
  }
  const base::Result<engine::Pipeline*> pipeline = caught_up(engine);
  if (!pipeline) {
    return failed(output, pipeline.error());
  }
  const base::Result<event::Position> through = loaded(**pipeline, output);
  if (!through) {
    return failed(output, through.error());
  }
  base::Result<exports::Owner> owner = owner_of(engine, **pipeline, options.app_id);
  if (!owner) {
    return failed(output, owner.error());
  }
  exports::Request request;
  request.shape = options.shape_value();
  request.owner = *std::move(owner);
  request.chosen = options.chosen;
  request.range = range_of(options, *through);
  request.header = !options.no_header;
  request.by_hour = !options.hourly.empty();
  request.follow = options.follow;
  const exports::Source source{
      (*pipeline)->store(), engine.surroundings().files,
      [&pipeline](event::Position position, std::chrono::milliseconds timeout) {
        return (*pipeline)->wait_visible(position, timeout);
      }};
  const base::Status done = exports::run(request, source, output);
  if (!done) {
    return failed(output, done.error());
  }
  if (options.follow) {  // It ends with its reader, who does not see this, or with the server.
    output.err("catchment: the server stops, and with it the export\n");
    return 1;
  }
  return 0;
}

base::Result<Receiving> receive_export(const ExportOptions& options, const Typist& typist) {
  const exports::Identity identity{options.app_id, options.shape};
  base::Result<exports::OpenedTarget> opened =
      options.hourly.empty()
          ? exports::open_file_target({options.output, options.state}, identity, typist.place)
          : exports::open_hourly_target(options.hourly, identity, typist.place);
  if (!opened) {
    return std::move(opened).error();
  }
  exports::ReceiverOptions receiver;
  receiver.after = opened->resume.begun ? opened->resume.position : options.after;
  receiver.follow = options.follow;
  receiver.progress = typist.progress;
  receiver.interrupted = typist.interrupted;
  Receiving out;
  out.words = {"--resume-at", std::to_string(receiver.after)};
  if (!opened->resume.empty || (opened->resume.begun && options.output.empty())) {
    out.words.emplace_back("--no-header");
  }
  out.receiver = std::make_unique<exports::Receiver>(std::move(opened->target), typist.place.output,
                                                     typist.place.clock, std::move(receiver));
  return out;
}

void add_options(CLI::App& command, ExportOptions& options) {
  command.add_option("--app", options.app_id, "application")->type_name("ID")->required();
  command
      .add_option("--shape", options.shape,
                  "mobile-analytics-nested, mobile-analytics-flat, redshift-csv or parquet")
      ->check(CLI::IsMember(
          {"mobile-analytics-nested", "mobile-analytics-flat", "redshift-csv", "parquet"}))
      ->type_name("SHAPE")
      ->capture_default_str();
  command.add_flag("--follow", options.follow, "go on as events arrive; ends with Ctrl-C");
  command.add_option("--after", options.after, "begin behind this position of the journal")
      ->type_name("POSITION");
  command.add_option("--start", options.start, "first day of arrival, UTC: 2018-02-28")
      ->type_name("DAY")
      ->check(check_day);
  command.add_option("--end", options.end, "last day of arrival, UTC")
      ->type_name("DAY")
      ->check(check_day);
  CLI::Option* output =
      command.add_option("--output", options.output, "write this file, not standard output")
          ->type_name("FILE");
  CLI::Option* state =
      command
          .add_option("--state", options.state,
                      "remember here how far it is, and go on from there next time")
          ->type_name("FILE");
  command
      .add_option("--hourly", options.hourly,
                  "write DIR/awsma/events/ID/YYYY/MM/DD/HH/….gz; goes on from there next time")
      ->type_name("DIR")
      ->excludes(output)
      ->excludes(state);
  command
      .add_option("--attributes", options.chosen.attributes,
                  "redshift-csv: columns a_NAME, names separated by commas")
      ->type_name("NAMES")
      ->delimiter(',');
  command.add_option("--metrics", options.chosen.metrics, "redshift-csv: columns m_NAME")
      ->type_name("NAMES")
      ->delimiter(',');
  command.add_option("--resume-at", options.resume_at)->group("");
  command.add_flag("--no-header", options.no_header)->group("");
}

}  // namespace

void add_export_command(CLI::App& root, Invocation& out) {
  const auto options = std::make_shared<ExportOptions>();
  CLI::App* command = add_command(
      root, out, "export",
      "write an application's events as the vendor's files; docs/export.md shows each shape",
      [options, &out]() -> Action {
        check(*options);
        out.notices_signals = options->shape_value() != Shape::kParquet;
        out.receive = [options](const Typist& typist) { return receive_export(*options, typist); };
        return [options](engine::Engine& engine, control::Output& output) {
          return run_export(engine, output, *options);
        };
      });
  add_options(*command, *options);
}

}  // namespace commands
