#include "load/options.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <sstream>

namespace load {
namespace {

constexpr unsigned kBatchMax = 1000;
constexpr unsigned kConnectionsMax = 20'000;
constexpr unsigned kThreadsMax = 256;
constexpr double kSecondsMax = 86'400;
constexpr double kRateMax = 10'000'000;

std::string check(const Options& options) {
  if (options.connections < options.threads) {
    return "--connections " + std::to_string(options.connections) + ": fewer than --threads " +
           std::to_string(options.threads);
  }
  if (options.traffic == "segmentstream" && options.batch > 1) {
    return "--batch " + std::to_string(options.batch) +
           ": segmentstream takes one hit a request; leave --batch away";
  }
  if (!options.path.empty() && options.to == Peer::kCatchment) {
    return "--path: only with --to http or --to redis";
  }
  const bool clickstream =
      std::find(options.apis.begin(), options.apis.end(), Api::kClickstream) != options.apis.end();
  for (const auto& [given, flag] :
       {std::pair(options.gzip, "--gzip"), std::pair(options.hash_code, "--hash-code")}) {
    if (given && !clickstream) {
      return std::string(flag) + ": only with --api clickstream or mixed";
    }
  }
  return "";
}

void interpret(Options& options) {
  for (const Api api : kApis) {
    if (options.traffic == to_text(api) || options.traffic == "mixed") {
      options.apis.push_back(api);
    }
  }
  options.to = options.to_text == "http"    ? Peer::kHttp
               : options.to_text == "redis" ? Peer::kRedis
                                            : Peer::kCatchment;
}

void add_options(CLI::App& cli, Options& out) {
  cli.add_option("--host", out.host, "name or address of the peer")->capture_default_str();
  cli.add_option("--port", out.port, "its port")->required()->check(CLI::Range(1, 65535));
  cli.add_option("--api", out.traffic, "which API's requests; mixed takes all four in turn")
      ->required()
      ->type_name("API")
      ->check(CLI::IsMember({"clickstream", "clevertap", "mobile", "segmentstream", "mixed"}));
  cli.add_option("--app", out.app_file, "what `catchment app create` printed: the credentials")
      ->required()
      ->type_name("FILE");
  cli.add_option("--batch", out.batch, "events a request; segmentstream always sends 1")
      ->capture_default_str()
      ->check(CLI::Range(1U, kBatchMax));
  cli.add_option("--connections", out.connections, "open at once, in all")
      ->capture_default_str()
      ->check(CLI::Range(1U, kConnectionsMax));
  cli.add_option("--threads", out.threads, "which share the connections")
      ->capture_default_str()
      ->check(CLI::Range(1U, kThreadsMax));
  cli.add_option("--seconds", out.seconds, "length of the measured part")
      ->capture_default_str()
      ->check(CLI::Range(0.1, kSecondsMax));
  cli.add_option("--warmup", out.warmup_seconds, "seconds of the same load before it")
      ->capture_default_str()
      ->check(CLI::Range(0.0, kSecondsMax));
  cli.add_option("--rate", out.rate,
                 "requests a second in all, sent at fixed times whatever the answers do; latency "
                 "counts from those times")
      ->check(CLI::Range(0.1, kRateMax));
  cli.add_option("--to", out.to_text,
                 "catchment; http: any web server, any 2xx is success; redis: the same bodies with "
                 "LPUSH")
      ->capture_default_str()
      ->type_name("PEER")
      ->check(CLI::IsMember({"catchment", "http", "redis"}));
  cli.add_option("--path", out.path, "with http: the target; with redis: the name of the list");
  cli.add_flag("--gzip", out.gzip, "Clickstream: gzip and base64, as the mobile SDKs send");
  cli.add_flag("--hash-code", out.hash_code, "Clickstream: add the SDKs' digest of the body");
  cli.add_flag("--print", out.print, "show one request of each API and send nothing");
  cli.add_option("--json", out.json_file, "write the figures there too, - for standard output")
      ->type_name("FILE");
}

}  // namespace

std::variant<Options, Usage> read_options(int count, const char* const* words) {
  Options out;
  CLI::App cli("Sends made-up events over the four APIs and measures how they are answered.",
               "catchment-load");
  add_options(cli, out);
  try {
    cli.parse(count, words);
  } catch (const CLI::ParseError& error) {
    std::ostringstream text;
    std::ostringstream errors;
    if (cli.exit(error, text, errors) == 0) {
      return Usage{0, text.str()};
    }
    return Usage{2, std::string("catchment-load: ") + error.what() + "; see --help\n"};
  }
  interpret(out);
  const std::string problem = check(out);
  if (!problem.empty()) {
    return Usage{2, "catchment-load: " + problem + "\n"};
  }
  return out;
}

}  // namespace load
