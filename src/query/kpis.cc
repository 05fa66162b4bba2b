#include "query/kpis.h"

#include "codec/text.h"
#include "json/lenient.h"
#include "json/utf8.h"
#include "kpi/render.h"
#include "kpi/report.h"

#include <charconv>
#include <utility>

namespace query {
namespace {

/// For the loader to end its step, where a seal took rows of the step's beginning.
constexpr std::chrono::milliseconds kStepEnds{1000};

base::Result<event::Position> read_position(std::string_view text) {
  event::Position position = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, position);
  if (error != std::errc() || end != last) {
    return kpi::wrong_parameter("not_before", "a journal position, a whole number", text);
  }
  return position;
}

}  // namespace

base::Result<Kpis::Manner> Kpis::take_manner(kpi::Parameters& parameters) {
  Manner manner;
  kpi::Parameters rest;
  for (auto& [name, value] : parameters) {
    if (name == "format") {
      if (value != "json" && value != "csv") {
        return kpi::wrong_parameter(name, "json or csv", value);
      }
      manner.csv = value == "csv";
    } else if (name == "not_before") {
      const auto position = read_position(value);
      if (!position) {
        return position.error();
      }
      manner.not_before = *position;
    } else {
      rest.emplace_back(std::move(name), std::move(value));
    }
  }
  parameters = std::move(rest);
  return manner;
}

kpi::Subject Kpis::subject_of(const registry::App& app) const {
  return {app.id, app.settings.time_zone, sources_.clock.now()};
}

base::Result<http::Reply> Kpis::run(const Manner& manner, const Render& render) const {
  if (manner.not_before != 0 && !sources_.wait_visible(manner.not_before, deadline_)) {
    return base::fail(base::Code::kUnavailable,
                      "position " + std::to_string(manner.not_before) + " is not loaded yet");
  }
  const kpi::RuleBook rules = sources_.rules();
  kpi::Sources sources{.store = sources_.store, .state_path = sources_.state_path, .rules = rules};
  sources.limits.deadline = deadline_;
  base::Result<std::string> text = render(sources);
  if (!text) {
    return std::move(text).error();
  }
  http::Reply reply;
  reply.add("Content-Type",
            manner.csv ? "text/csv; charset=utf-8" : "application/json; charset=utf-8");
  reply.body = *std::move(text);
  return reply;
}

base::Result<KpiWork> Kpis::question(const registry::App& app, const KpiPath& path,
                                     kpi::Parameters parameters) const {
  const base::Result<Manner> manner = take_manner(parameters);
  if (!manner) {
    return manner.error();
  }
  const std::string decoded = codec::decode_percent(path.kpi, false);
  if (decoded.find('\0') != std::string::npos || !json::is_utf8(decoded)) {
    return base::fail(base::Code::kInvalid, "the path of a KPI: expected UTF-8 without NUL, seen " +
                                                json::quote_short(path.kpi));
  }
  base::Result<kpi::Question> question = kpi::read_question(decoded, parameters, subject_of(app));
  if (!question) {
    return std::move(question).error();
  }
  const Render render = [csv = manner->csv, app_id = path.app_id, question = *std::move(question)](
                            const kpi::Sources& sources) -> base::Result<std::string> {
    base::Result<kpi::Answer> answer = kpi::answer(question, sources);
    if (!answer) {
      return answer.error();
    }
    answer->app_id = app_id;
    return csv ? kpi::to_csv(*answer) : kpi::to_json(*answer) + "\n";
  };
  return KpiWork([this, manner = *manner, render] { return run(manner, render); });
}

base::Result<KpiWork> Kpis::report(const registry::App& app, kpi::Parameters parameters) const {
  const base::Result<Manner> manner = take_manner(parameters);
  if (!manner) {
    return manner.error();
  }
  if (manner->csv) {
    return kpi::wrong_parameter("format", "json", "csv");
  }
  const Render render = [this, subject = subject_of(app), parameters = std::move(parameters)](
                            const kpi::Sources& sources) -> base::Result<std::string> {
    base::Result<kpi::Report> report = kpi::report(subject, parameters, sources);
    if (!report && report.error().code == base::Code::kUnavailable &&
        sources_.wait_visible(sources.store.sealed_position(), kStepEnds)) {
      report = kpi::report(subject, parameters, sources);
    }
    return report ? base::Result<std::string>(kpi::to_json(*report) + "\n") : report.error();
  };
  return KpiWork([this, manner = *manner, render] { return run(manner, render); });
}

}  // namespace query
