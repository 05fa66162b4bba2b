#pragma once
// A year of a shop's visitors as the requests a Clickstream web client would have sent: few users
// visit often and many once, few event names are common, weekends are busier, the shop grows, some
// requests come late and some twice. The same options give the same requests, each by its number,
// so that making them can stop and go on anywhere.

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace bench {

struct HistoryOptions {
  std::uint64_t events = 100'000'000;  ///< In all, about; a request holds ten in the mean.
  std::uint64_t users = 1'000'000;
  std::int64_t days = 365;
  std::int64_t end_ms = 0;  ///< Epoch milliseconds at which the last request arrives.
  std::string app_id = "shop";
};

inline constexpr std::uint64_t kEventsPerRequest = 10;

/// One request: a visit.
struct Visit {
  std::int64_t received_ms = 0;
  std::string target;
  std::string body;
  std::uint64_t events = 0;
};

/// Threads: one.
class History {
 public:
  explicit History(HistoryOptions options);
  [[nodiscard]] std::uint64_t requests() const { return requests_; }
  /// Lifetime: until the next call.
  const Visit& visit(std::uint64_t number);

 private:
  struct Visitor;
  void begin_event(std::string_view name, const Visitor& visitor, std::int64_t time_ms);
  void add_member(std::string_view key, std::string_view text);
  void add_member(std::string_view key, std::int64_t number);
  void end_event();
  void add_view(const Visitor& visitor, std::int64_t time_ms);
  void add_product_event(std::string_view name, const Visitor& visitor, std::int64_t time_ms);
  double chance() { return std::generate_canonical<double, 32>(random_); }

  HistoryOptions options_;
  std::uint64_t requests_ = 0;
  std::mt19937_64 random_;
  Visit visit_;
};

}  // namespace bench
