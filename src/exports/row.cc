#include "exports/row.h"

#include <array>

namespace exports {
namespace {

constexpr std::int64_t kHourUs = std::int64_t{3600} * 1'000'000;

constexpr std::array<std::string_view, 30> kColumns = {"journal_position",
                                                       "received_at",
                                                       "api",
                                                       "event_name",
                                                       "event_timestamp",
                                                       "user_pseudo_id",
                                                       "user_id",
                                                       "session_id",
                                                       "session_start",
                                                       "session_stop",
                                                       "session_duration_ms",
                                                       "platform",
                                                       "os_version",
                                                       "make",
                                                       "model",
                                                       "locale",
                                                       "language",
                                                       "country_code",
                                                       "sdk_name",
                                                       "sdk_version",
                                                       "app_version",
                                                       "app_version_code",
                                                       "app_package_name",
                                                       "app_title",
                                                       "user_agent",
                                                       "access_key_id",
                                                       "attributes",
                                                       "metrics",
                                                       "properties",
                                                       "context"};
static_assert(static_cast<std::size_t>(Column::kContext) + 1 == kColumns.size());

std::int64_t divide_down(std::int64_t number, std::int64_t by) {
  return number / by - (number % by < 0 ? 1 : 0);
}

}  // namespace

std::span<const std::string_view> columns() { return kColumns; }

std::optional<std::int64_t> Row::milliseconds(Column column) const {
  const std::optional<std::int64_t> us = integer(column);
  return us ? std::optional(divide_down(*us, 1000)) : std::nullopt;
}

std::int64_t Row::hour() const {
  return divide_down(integer(Column::kReceivedAt).value_or(0), kHourUs);
}

}  // namespace exports
