#include "load/run.h"

#include "load/peer_address.h"
#include "load/worker.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <sys/resource.h>
#include <thread>
#include <time.h>
#include <unistd.h>
#include <vector>

namespace load {
namespace {

constexpr double kNs = 1e9;
constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kPatienceNs = 10 * kSecondNs;
constexpr rlim_t kOtherFiles = 64;

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double process_cpu_s() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

std::int64_t wall_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

void wait_until(std::int64_t when_ns) {
  const timespec when{.tv_sec = when_ns / kSecondNs, .tv_nsec = when_ns % kSecondNs};
  while (::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, nullptr) != 0) {
  }
}

void allow_files(unsigned connections) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = std::min(limit.rlim_max, std::max(limit.rlim_cur, connections + kOtherFiles));
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

using Workers = std::vector<std::unique_ptr<Worker>>;

std::uint64_t progress(const Workers& workers) {
  std::uint64_t out = 0;
  for (const auto& worker : workers) {
    out += worker->progress();
  }
  return out;
}

/// Waits, with a line a second where somebody watches.
void watch(const Workers& workers, const Schedule& schedule, std::int64_t until_ns) {
  if (::isatty(STDERR_FILENO) == 0) {
    return wait_until(until_ns);
  }
  std::uint64_t before = progress(workers);
  while (monotonic_ns() < until_ns) {
    wait_until(std::min(until_ns, monotonic_ns() + kSecondNs));
    const std::uint64_t now = progress(workers);
    const double passed = static_cast<double>(monotonic_ns() - schedule.measure_ns) / kNs;
    std::fprintf(stderr, "\r%6.0f s  %9llu requests/s ", passed,
                 static_cast<unsigned long long>(now - before));
    before = now;
  }
  std::fputs("\r\033[K", stderr);
}

/// Wall microseconds of processor time that signing one such request costs, from a thousand.
double cost_of_signing(const Recipe& recipe) {
  constexpr int kTries = 1000;
  Recipe mobile = recipe;
  mobile.apis = {Api::kMobile};
  mobile.to = Peer::kHttp;
  RequestMaker maker(mobile, 255);
  Output request;
  const std::int64_t now_ms = wall_ns() / 1'000'000;
  const Made made = maker.make(now_ms, request);
  const std::string body(made.bytes.substr(made.bytes.size() - made.body_bytes));
  const std::string context(client_context());
  Signer signer({.access_key_id = recipe.app.aws_access_key_id,
                 .secret_access_key = recipe.app.aws_secret_access_key,
                 .session_token = recipe.app.aws_session_token});
  Output head;
  timespec begin{};
  timespec end{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
  for (int at = 0; at < kTries; ++at) {
    head.clear();
    signer.put_headers({.path = "/2014-06-05/events",
                        .host = recipe.host,
                        .content_type = "application/json",
                        .client_context = context,
                        .body = body},
                       now_ms, head);
  }
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
  return (static_cast<double>(end.tv_sec - begin.tv_sec) * kNs +
          static_cast<double>(end.tv_nsec - begin.tv_nsec)) /
         1000 / kTries;
}

}  // namespace

Recipe make_recipe(const Options& options, const AppKeys& app, const std::string& run) {
  return {.to = options.to,
          .app = app,
          .apis = options.apis,
          .batch = options.batch,
          .gzip = options.gzip,
          .hash_code = options.hash_code,
          .run = run,
          .host = host_and_port(options.host, options.port),
          .path = options.path};
}

base::Result<Outcome> run_load(const Options& options, const Recipe& recipe) {
  const base::Result<PeerAddress> peer = PeerAddress::find(options.host, options.port);
  if (!peer) {
    return peer.error();
  }
  allow_files(options.connections);
  Outcome out;
  out.run = recipe.run;
  out.seconds = options.seconds;
  const bool signs =
      std::find(recipe.apis.begin(), recipe.apis.end(), Api::kMobile) != recipe.apis.end();
  out.signing_us = signs && recipe.to != Peer::kRedis ? cost_of_signing(recipe) : 0;
  Workers workers;
  for (unsigned lane = 0; lane < options.threads; ++lane) {
    workers.push_back(std::make_unique<Worker>(recipe, *peer, lane));
    const unsigned share = options.connections / options.threads +
                           (lane < options.connections % options.threads ? 1 : 0);
    const base::Status opened = workers.back()->open(share);
    if (!opened) {
      return opened.error();
    }
  }
  Schedule schedule;
  schedule.begin_ns = monotonic_ns();
  schedule.measure_ns = schedule.begin_ns + static_cast<std::int64_t>(options.warmup_seconds * kNs);
  schedule.end_ns = schedule.measure_ns + static_cast<std::int64_t>(options.seconds * kNs);
  schedule.give_up_ns = schedule.end_ns + kPatienceNs;
  schedule.wall_offset_ns = wall_ns() - monotonic_ns();
  schedule.interval_ns = options.rate ? kNs * options.threads / *options.rate : 0;
  std::vector<std::thread> threads;
  for (unsigned lane = 0; lane < options.threads; ++lane) {
    Schedule own = schedule;
    // The workers' requests lie between each other, evenly.
    own.begin_ns += static_cast<std::int64_t>(schedule.interval_ns * lane / options.threads);
    threads.emplace_back([&worker = *workers[lane], own] { worker.run(own); });
  }
  watch(workers, schedule, schedule.measure_ns);
  const double cpu_before = process_cpu_s();
  watch(workers, schedule, schedule.end_ns);
  out.generator_cpu_s = process_cpu_s() - cpu_before;
  for (std::thread& thread : threads) {
    thread.join();
  }
  for (const auto& worker : workers) {
    out.tally.add(worker->tally());
  }
  return out;
}

}  // namespace load
