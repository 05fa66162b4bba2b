#include "load/app_file.h"
#include "load/options.h"
#include "load/report.h"
#include "load/run.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <random>
#include <sstream>

namespace {

int fail(const std::string& text) {
  std::fputs(("catchment-load: " + text + "\n").c_str(), stderr);
  return 1;
}

std::string random_run() {
  std::random_device device;
  std::array<char, 9> out{};
  std::snprintf(out.data(), out.size(), "%08x", device());
  return out.data();
}

int print_requests(const load::Recipe& recipe) {
  load::RequestMaker maker(recipe, 0);
  load::Output out;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  for (std::size_t at = 0; at < recipe.apis.size(); ++at) {
    const std::int64_t now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
    const load::Made made = maker.make(now_ms, out);
    std::fwrite(made.bytes.data(), 1, made.bytes.size(), stdout);
    std::fputs("\n\n", stdout);
  }
  return 0;
}

int run(const load::Options& options) {
  std::ifstream file(options.app_file);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) {
    return fail("--app " + options.app_file + ": cannot be read");
  }
  const base::Result<load::AppKeys> app = load::read_app(text.str());
  if (!app) {
    return fail("--app " + options.app_file + ": " + app.error().message);
  }
  const load::Recipe recipe = load::make_recipe(options, *app, random_run());
  if (options.print) {
    return print_requests(recipe);
  }
  const base::Result<load::Outcome> outcome = load::run_load(options, recipe);
  if (!outcome) {
    return fail(outcome.error().message);
  }
  const std::string figures = to_json(options, *outcome);
  if (options.json_file == "-") {
    std::fputs(figures.c_str(), stdout);
  } else {
    std::fputs(to_table(options, *outcome).c_str(), stdout);
  }
  if (!options.json_file.empty() && options.json_file != "-") {
    std::ofstream out(options.json_file);
    out << figures;
    if (!out.flush()) {
      return fail("--json " + options.json_file + ": cannot be written");
    }
  }
  return outcome->tally.acknowledged_total.requests > 0
             ? 0
             : fail("nothing was acknowledged: " + outcome->tally.first_error);
}

}  // namespace

int main(int count, char** words) {
  const auto read = load::read_options(count, words);
  if (const auto* usage = std::get_if<load::Usage>(&read)) {
    std::fputs(usage->text.c_str(), usage->status == 0 ? stdout : stderr);
    return usage->status;
  }
  return run(std::get<load::Options>(read));
}
