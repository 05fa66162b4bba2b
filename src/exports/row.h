#pragma once
// One row of `event` as an export reads it: the columns it needs, by name. Lifetime: as the fields
// the store hands over.

#include "event/record.h"
#include "store/store.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace exports {

/// In the order of columns().
enum class Column : std::uint8_t {
  kPosition,
  kReceivedAt,
  kApi,
  kEventName,
  kEventTimestamp,
  kClientId,
  kUserId,
  kSessionId,
  kSessionStart,
  kSessionStop,
  kSessionDuration,
  kPlatform,
  kOsVersion,
  kMake,
  kModel,
  kLocale,
  kLanguage,
  kCountry,
  kSdkName,
  kSdkVersion,
  kAppVersion,
  kAppVersionCode,
  kAppPackageName,
  kAppTitle,
  kUserAgent,
  kAccessKeyId,
  kAttributes,
  kMetrics,
  kProperties,
  kContext,
};

/// The names the store knows them by.
std::span<const std::string_view> columns();

class Row {
 public:
  explicit Row(std::span<const store::Field> fields) : fields_(fields) {}

  /// "" where there is none.
  [[nodiscard]] std::string_view text(Column column) const { return at(column).text; }
  [[nodiscard]] std::optional<std::int64_t> integer(Column column) const {
    return at(column).null ? std::nullopt : std::optional(at(column).integer);
  }
  /// A time in milliseconds since 1970, rounded down.
  [[nodiscard]] std::optional<std::int64_t> milliseconds(Column column) const;

  [[nodiscard]] event::Position position() const {
    return static_cast<event::Position>(at(Column::kPosition).integer);
  }
  /// The hour it arrived in, counted from 1970.
  [[nodiscard]] std::int64_t hour() const;
  [[nodiscard]] bool of_mobile_analytics() const {
    return text(Column::kApi) == "mobile_analytics";
  }

 private:
  [[nodiscard]] const store::Field& at(Column column) const {
    return fields_[static_cast<std::size_t>(column)];
  }
  std::span<const store::Field> fields_;
};

}  // namespace exports
