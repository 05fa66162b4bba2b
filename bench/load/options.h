#pragma once
// The command line of catchment-load.

#include "load/events.h"
#include "load/request_maker.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace load {

struct Options {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;
  std::string traffic = "clickstream";  ///< As --api was given.
  std::vector<Api> apis;                ///< What that means.
  Peer to = Peer::kCatchment;
  std::string to_text = "catchment";
  std::string path;
  unsigned batch = 1;
  unsigned connections = 64;
  unsigned threads = 1;
  double seconds = 10;
  double warmup_seconds = 2;
  std::optional<double> rate;  ///< Requests a second in all; nothing: as fast as answers come.
  bool gzip = false;
  bool hash_code = false;
  bool print = false;  ///< Shows one request instead of sending any.
  std::string app_file;
  std::string json_file;  ///< "" for none, "-" for standard output.
};

/// Ends the program: with `text` on standard output and status 0 (--help), or on standard error and
/// status 2.
struct Usage {
  int status = 0;
  std::string text;
};

std::variant<Options, Usage> read_options(int count, const char* const* words);

}  // namespace load
