#pragma once
// What a User-Agent text says about browser, system and device, by uap-core's rules. The rules are
// compiled when the first text comes; answers are kept, since few texts make up most events.

#include "base/result.h"
#include "enrich/matcher.h"
#include "enrich/rules_file.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace enrich {

struct UserAgent {
  std::string browser;          ///< "Other" when no rule knows it.
  std::string browser_version;  ///< Major, minor and patch as far as known, with dots between.
  std::string os;
  std::string os_version;
  std::string device;
  std::string device_category;  ///< "Bot", "Mobile", "Tablet", "PC" or "Other".
};

/// The category of a device: the vendor's rules on the device's name, and our own list of programs
/// that visit pages without a person.
std::string_view device_category(std::string_view device, std::string_view user_agent);

/// Threads: one at a time.
class UserAgents {
 public:
  explicit UserAgents(Rules rules) : rules_(std::move(rules)) {}
  UserAgents(const UserAgents&) = delete;
  UserAgents& operator=(const UserAgents&) = delete;

  /// Lifetime: until the next call.
  const UserAgent& find(std::string_view text);
  /// Compiles the rules now; returns how many cannot be expressed and are left out.
  std::size_t compile();

 private:
  struct Matchers {
    explicit Matchers(const Rules& rules)
        : browsers(rules.browsers), systems(rules.systems), devices(rules.devices) {}
    Matcher browsers;
    Matcher systems;
    Matcher devices;
  };
  using Answers = std::unordered_map<std::string, UserAgent>;  // by hash of the text

  UserAgent ask_rules(std::string_view text);

  const Rules rules_;
  std::unique_ptr<Matchers> matchers_;
  // Two generations: when the young one is full it becomes the old one, and the old one is dropped.
  Answers young_;
  Answers old_;
};

}  // namespace enrich
