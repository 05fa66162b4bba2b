#pragma once
// Writes numbers in the Prometheus text format (version 0.0.4). Families are written in the order
// they are begun; samples follow their family.

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace metrics {

using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

class Exposition {
 public:
  /// Begins a family called "catchment_" and `name`, which ends in _total for counters, in a unit
  /// otherwise.
  Exposition& counter(std::string_view name, std::string_view help);
  Exposition& gauge(std::string_view name, std::string_view help);
  /// One sample of the family begun last. Label values are escaped.
  Exposition& sample(std::uint64_t value, Labels labels = {});

  [[nodiscard]] std::string text() && { return std::move(out_); }

 private:
  Exposition& family(std::string_view name, std::string_view help, std::string_view type);
  std::string out_;
  std::string name_;
};

}  // namespace metrics
