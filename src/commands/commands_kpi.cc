#include "base/time_text.h"
#include "commands/commands.h"
#include "engine/engine.h"
#include "kpi/render.h"
#include "kpi/report.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace commands {
namespace {

/// "dau" is "/kpis/dau/count", "dau/count" the same, "events/level/sum" is as it stands.
std::string path_of(const std::string& name) {
  const std::string plain = name.starts_with('/') ? name.substr(1) : name;
  if (plain.starts_with("events/") || plain.starts_with("kpis/")) {
    return "/" + plain;
  }
  const std::string path = "/kpis/" + plain;
  const std::string stem = path + "/";
  // A name may have several measures; the count of a day is what its name says.
  if (kpi::find_kpi(stem + "count")) {
    return stem + "count";
  }
  const auto all = kpi::all_kpis();
  const auto known = std::ranges::find_if(
      all, [&stem](const kpi::Kpi& each) { return each.path.starts_with(stem); });
  return known == all.end() ? path : known->path;
}

std::string names_of_kpis() {
  std::string out = "KPIs:\n";
  for (const kpi::Kpi& each : kpi::all_kpis()) {
    out += "  " + each.path.substr(std::string_view("/kpis/").size()) + "\n";
  }
  return out + "  events/NAME/count, events/NAME/sum, events/NAME/min, events/NAME/max\n";
}

/// An option that is handed on as a parameter of the same meaning.
struct ParameterOption {
  const char* option;
  const char* parameter;
  const char* type;
  const char* doc;
  bool many = false;
};
constexpr ParameterOption kParameterOptions[] = {
    {"--start", "start-date", "D", "first day, YYYY-MM-DD; 29 days before the last by default"},
    {"--end", "end-date", "D", "last day; today by default"},
    {"--metric", "metric", "M", "of events/NAME: the metric or numeric attribute"},
    {"--platform", "platform", "P", "only events of this platform; several: of any of them", true},
    {"--app-version", "app-version", "V", "the same of the application's version", true},
    {"--make", "make", "M", "of the device's make", true},
    {"--model", "model", "M", "of the device's model", true},
    {"--country", "country", "C", "of the country, two letters", true},
    {"--locale", "locale", "L", "of the locale", true},
    {"--group-by", "group-by", "G",
     "each value apart: platform, app-version, make, model, country, locale, or of events/NAME "
     "attribute.KEY"},
    {"--time-zone", "time-zone", "Z", "whose days: Europe/Berlin, or app; UTC by default"},
    {"--currency", "currency", "C", "of KPIs of revenue: only this one"},
    {"--api", "api", "A", "only events of this API"},
    {"--include", "include", "I", "sessionless: Mobile Analytics events without a session, too"},
};

struct KpiOptions {
  std::string name;
  std::string app;
  std::string format = "table";
  std::vector<std::vector<std::string>> values{std::size(kParameterOptions)};
  std::vector<std::string> properties;
};

kpi::Parameters parameters_of(const KpiOptions& options) {
  kpi::Parameters out;
  for (std::size_t i = 0; i < options.values.size(); ++i) {
    for (const std::string& value : options.values[i]) {
      out.emplace_back(kParameterOptions[i].parameter, value);
    }
  }
  for (const std::string& property : options.properties) {
    const std::size_t equals = std::min(property.find('='), property.size());
    out.emplace_back(property.substr(0, equals),
                     property.substr(std::min(equals + 1, property.size())));
  }
  return out;
}

/// The same message in the words of the command line: "--start" in place of "start-date".
std::string in_options(std::string message) {
  for (const ParameterOption& each : kParameterOptions) {
    std::string name = "parameter \"";
    name.append(each.parameter).append("\"");
    if (const std::size_t at = message.find(name); at != std::string::npos) {
      message.replace(at, name.size(), each.option);
    }
  }
  return message;
}

int failed_in_options(control::Output& output, base::Error error) {
  error.message = in_options(std::move(error.message));
  return failed(output, error);
}

/// What both commands need of an open directory.
struct Asking {
  kpi::Subject subject;
  kpi::RuleBook rules;
  engine::Pipeline* pipeline = nullptr;
  std::chrono::milliseconds deadline{};

  [[nodiscard]] kpi::Sources sources() const {
    kpi::Sources out{
        .store = pipeline->store(), .state_path = pipeline->state_path(), .rules = rules};
    out.limits.deadline = deadline;
    return out;
  }
};

base::Result<Asking> begin(engine::Engine& engine, const std::string& app_id) {
  const auto snapshot = engine.registry().snapshot();
  const registry::App* app = snapshot->app(app_id);
  if (app == nullptr) {
    return base::fail(base::Code::kNotFound, "there is no application \"" + app_id +
                                                 "\"; 'catchment app list' shows those there are");
  }
  const base::Result<engine::Pipeline*> pipeline = caught_up(engine);
  if (!pipeline) {
    return pipeline.error();
  }
  return Asking{{app->id, app->settings.time_zone, engine.surroundings().clock.now()},
                engine::rule_book_of(*snapshot),
                *pipeline,
                engine.settings().query.deadline};
}

int run_kpi(engine::Engine& engine, control::Output& output, const KpiOptions& options) {
  const base::Result<Asking> asking = begin(engine, options.app);
  if (!asking) {
    return failed(output, asking.error());
  }
  const auto question =
      kpi::read_question(path_of(options.name), parameters_of(options), asking->subject);
  if (!question) {
    return failed_in_options(output, question.error());
  }
  const base::Result<kpi::Answer> answer = kpi::answer(*question, asking->sources());
  if (!answer) {
    return failed_in_options(output, answer.error());
  }
  if (options.format == "json") {
    output.out(kpi::to_json(*answer) + "\n");
  } else if (options.format == "csv") {
    output.out(kpi::to_csv(*answer));
  } else {
    output.out(kpi::to_table(*answer, {.bars = output.terminal()}));
  }
  return 0;
}

/// What needs no data directory to be found wrong is wrong usage.
void check_question(const KpiOptions& options) {
  const auto question = kpi::read_question(path_of(options.name), parameters_of(options),
                                           {options.app, "UTC", base::Time()});
  if (!question) {
    throw CLI::ValidationError(in_options(question.error().message));
  }
}

void add_kpi(CLI::App& root, Invocation& out) {
  const auto options = std::make_shared<KpiOptions>();
  CLI::App* command = add_command(
      root, out, "kpi", "a KPI of an application by day; docs/kpis.md says what each counts",
      [options]() -> Action {
        check_question(*options);
        return [options](engine::Engine& engine, control::Output& output) {
          return run_kpi(engine, output, *options);
        };
      });
  command->add_option("NAME", options->name, "dau, dau/count, events/level_complete/sum, ...")
      ->required();
  command->add_option("--app", options->app, "the application")->type_name("ID")->required();
  for (std::size_t i = 0; i < std::size(kParameterOptions); ++i) {
    const ParameterOption& each = kParameterOptions[i];
    CLI::Option* option =
        command->add_option(each.option, options->values[i], each.doc)->type_name(each.type);
    each.many ? option->allow_extra_args(false) : option->expected(1);
  }
  command
      ->add_option("--where", options->properties,
                   "of events/NAME: attribute.KEY=VALUE or metric.KEY=VALUE, only such events")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command->add_option("--format", options->format, "table, json or csv")
      ->check(CLI::IsMember({"table", "json", "csv"}))
      ->capture_default_str();
  command->footer(names_of_kpis());
}

struct ReportOptions {
  std::string app;
  std::int64_t days = kpi::kSpanDaysDefault;
  std::string end;
  std::string format = "table";
};

int run_report(engine::Engine& engine, control::Output& output, const ReportOptions& options) {
  const base::Result<Asking> asking = begin(engine, options.app);
  if (!asking) {
    return failed(output, asking.error());
  }
  const base::Time last = options.end.empty()
                              ? asking->subject.now
                              : base::parse_iso8601(options.end).value_or(base::Time());
  const base::Time first = last - std::chrono::days(options.days - 1);
  if (first < base::Time()) {
    return failed(output, base::fail(base::Code::kInvalid,
                                     "--end and --days: expected days from 1970-01-01 on, seen " +
                                         std::to_string(options.days) + " days up to " +
                                         base::format_date(last)));
  }
  const base::Result<kpi::Report> report =
      kpi::report(asking->subject,
                  {{"start-date", base::format_date(first)}, {"end-date", base::format_date(last)}},
                  asking->sources());
  if (!report) {
    return failed_in_options(output, report.error());
  }
  output.out(options.format == "json" ? kpi::to_json(*report) + "\n" : kpi::to_table(*report));
  return 0;
}

std::string check_day(const std::string& text) {
  return text.size() == std::string_view("2026-01-31").size() && base::parse_iso8601(text)
             ? ""
             : "\"" + text + "\" is not a day, YYYY-MM-DD";
}

void add_report(CLI::App& root, Invocation& out) {
  const auto options = std::make_shared<ReportOptions>();
  CLI::App* command =
      add_command(root, out, "report",
                  "an application at a glance: users, sessions, retention, revenue, top events, "
                  "against the days before",
                  [options]() -> Action {
                    return [options](engine::Engine& engine, control::Output& output) {
                      return run_report(engine, output, *options);
                    };
                  });
  command->add_option("--app", options->app, "the application")->type_name("ID")->required();
  command->add_option("--days", options->days, "how many days")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, kpi::kSpanDaysMax))
      ->capture_default_str();
  command->add_option("--end", options->end, "the last of them, YYYY-MM-DD; today (UTC) by default")
      ->type_name("D")
      ->check(check_day);
  command->add_option("--format", options->format, "table or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
}

}  // namespace

void add_kpi_commands(CLI::App& root, Invocation& out) {
  add_kpi(root, out);
  add_report(root, out);
}

}  // namespace commands
