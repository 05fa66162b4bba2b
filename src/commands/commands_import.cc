#include "commands/commands.h"
#include "commands/import_records.h"
#include "commands/import_run.h"
#include "engine/engine.h"
#include "imports/packer.h"
#include "json/writer.h"

#include <CLI/CLI.hpp>

#include <charconv>
#include <optional>
#include <utility>

namespace commands {
namespace {

struct ImportOptions {
  std::string from;
  std::string app_id;
  std::string event_name;
  std::string utc_offset;
  std::vector<std::string> paths;
  // What run_import() sends.
  bool check = false;
  std::vector<std::string> records;
};

/// "+05:30", "-08:00", "Z".
std::optional<std::chrono::seconds> parse_offset(const std::string& text) {
  if (text == "Z" || text.empty()) {
    return std::chrono::seconds(0);
  }
  constexpr std::size_t kLength = 6;
  int hours = 0;
  int minutes = 0;
  const char* const begin = text.data();
  if (text.size() != kLength || (text[0] != '+' && text[0] != '-') || text[3] != ':' ||
      std::from_chars(begin + 1, begin + 3, hours).ptr != begin + 3 ||
      std::from_chars(begin + 4, begin + kLength, minutes).ptr != begin + kLength || hours < 0 ||
      hours > 14 || minutes < 0 || minutes > 59) {
    return std::nullopt;
  }
  const std::chrono::seconds offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
  return text[0] == '-' ? -offset : offset;
}

base::Result<ImportCounts> take(engine::Engine& engine, engine::Pipeline& pipeline,
                                const ImportOptions& options, control::Output& output) {
  std::string text;
  for (const std::string& word : options.records) {
    text.append(word, word.empty() ? 0 : 1);  // a word of bytes begins with "="
  }
  const base::Result<std::vector<std::string_view>> records = imports::split(text);
  return records ? import_records(engine, pipeline, options.app_id, *records, output)
                 : base::Result<ImportCounts>(records.error());
}

int run_here(engine::Engine& engine, control::Output& output, const ImportOptions& options) {
  if (engine.registry().snapshot()->app(options.app_id) == nullptr) {
    return failed(output,
                  base::fail(base::Code::kNotFound, "there is no application \"" + options.app_id +
                                                        "\"; see 'catchment app list'"));
  }
  const base::Result<engine::Pipeline*> pipeline = caught_up(engine);
  if (!pipeline) {
    return failed(output, pipeline.error());
  }
  const base::Result<ImportCounts> counts = take(engine, **pipeline, options, output);
  if (!counts) {
    return failed(output, counts.error());
  }
  json::Writer out;
  out.begin_object().key("stored").integer(counts->stored);
  out.key("duplicate").integer(counts->duplicate).key("rejected").integer(counts->rejected);
  out.key("known").integer(counts->known).end_object();
  output.out(out.text() + "\n");
  return 0;
}

/// What does not go together.
ImportFiles files_of(const ImportOptions& options) {
  const auto refuse = [](const std::string& text) { throw CLI::ValidationError(text); };
  const auto offset = parse_offset(options.utc_offset);
  const bool clevertap = options.from == "clevertap-export";
  if (!clevertap && (!options.event_name.empty() || !options.utc_offset.empty())) {
    refuse("--event, --utc-offset: only clevertap-export needs them");
  }
  if (!offset) {
    refuse("--utc-offset: expected +HH:MM or -HH:MM, seen \"" + options.utc_offset + "\"");
  }
  if (options.paths.empty() && !options.check && options.records.empty()) {
    refuse("FILE is required");
  }
  const auto format = imports::format_from_name(options.from);
  return {{*format, options.app_id, options.event_name, *offset}, options.paths};
}

}  // namespace

void add_import_command(CLI::App& root, Invocation& out) {
  const auto options = std::make_shared<ImportOptions>();
  CLI::App* command =
      add_command(root, out, "import",
                  "read a vendor's export files into an application; docs/import.md says how",
                  [options, &out]() -> Action {
                    const auto files = std::make_shared<ImportFiles>(files_of(*options));
                    if (!options->check && options->records.empty()) {
                      out.drive = [files](const Typist& typist, const Call& call) {
                        return run_import(*files, typist, call);
                      };
                    }
                    return [options](engine::Engine& engine, control::Output& output) {
                      return run_here(engine, output, *options);
                    };
                  });
  command
      ->add_option("--from", options->from,
                   "mobile-analytics-export, pinpoint-export, clickstream-s3, clevertap-export or "
                   "segmentstream-hits")
      ->check(CLI::IsMember({"mobile-analytics-export", "pinpoint-export", "clickstream-s3",
                             "clevertap-export", "segmentstream-hits"}))
      ->type_name("FORMAT")
      ->required();
  command->add_option("--app", options->app_id, "application")->type_name("ID")->required();
  command
      ->add_option("--event", options->event_name,
                   "clevertap-export: the event of files that do not name it")
      ->type_name("NAME");
  command
      ->add_option("--utc-offset", options->utc_offset,
                   "clevertap-export: the account's time zone, +HH:MM")
      ->type_name("OFFSET");
  command->add_option("FILE", options->paths, "files, plain or gzip, or folders of them");
  command->add_flag("--check", options->check)->group("");
  command->add_option("--records", options->records)->group("");
}

}  // namespace commands
