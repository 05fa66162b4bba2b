#pragma once
// Makes the requests of a load, each with ids nobody used before: a body out of templates, a head
// with what its API asks for, a signature where one is needed, and the framing of the peer that
// gets it. Threads: one maker each, told apart by their lane.

#include "load/app_file.h"
#include "load/chance.h"
#include "load/events.h"
#include "load/output.h"
#include "load/signer.h"
#include "load/template.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace load {

/// Who gets the requests.
enum class Peer : std::uint8_t {
  kCatchment,
  kHttp,   ///< Any web server; gets the same requests.
  kRedis,  ///< Gets the bodies, with LPUSH.
};

/// What all requests of a run have in common.
struct Recipe {
  Peer to = Peer::kCatchment;
  AppKeys app;
  std::vector<Api> apis = {Api::kClickstream};  ///< Taken in turn.
  unsigned batch = 1;                           ///< Events a request, where the API has batches.
  bool gzip = false;       ///< Clickstream bodies as the mobile SDKs send them.
  bool hash_code = false;  ///< Clickstream's digest of the body, in the query.
  std::string run;         ///< 8 hex digits.
  std::string host;        ///< Of the Host header.
  std::string path;        ///< Instead of the target, or of the list's name.
};

struct Made {
  std::string_view bytes;  ///< What to send. Lifetime: of the Output.
  std::size_t body_bytes = 0;
  unsigned events = 0;
  Api api{};
};

class RequestMaker {
 public:
  RequestMaker(const Recipe& recipe, unsigned lane);

  /// The next request, written into `out`. `now_ms` is the wall clock.
  Made make(std::int64_t now_ms, Output& out);

 private:
  struct Kinds {
    std::vector<Template> templates;
    std::array<std::uint8_t, 100> of_share{};  ///< Index of a template.
  };
  Kinds compile(Api api) const;
  void choose_user(Api api, Filling& filling);
  void put_body(Api api, unsigned events, Filling event, Output& out);
  void pack(Output& out);
  void put_head(Api api, const Filling& filling, const Output& body);
  void put_clickstream_head(const Filling& filling, const Output& body);
  void put_clevertap_head(const Filling& filling);
  void put_mobile_head(const Filling& filling, const Output& body);
  void put_segmentstream_head();
  void put_line(std::string_view target);
  void put_host();
  void put_end(const Output& body);
  void frame_for_redis(Output& out);

  const Recipe& recipe_;
  std::array<Kinds, kApis.size()> kinds_;
  Template context_;
  std::string basic_;  ///< SegmentStream's credentials.
  Signer signer_;
  Sha256 sha_;
  Chance chance_;
  std::uint64_t next_;  ///< Counts requests and events; no other lane comes near it.
  std::uint64_t request_ = 0;
  Output head_;
  Output context_text_;
};

/// The condition by which SQL finds the events of a run.
std::string sql_where(const std::vector<Api>& apis, std::string_view run);

}  // namespace load
