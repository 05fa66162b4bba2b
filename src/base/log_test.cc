#include "base/log.h"

#include <gtest/gtest.h>

namespace base {
namespace {

std::string logged(LogFormat format, LogLevel threshold, LogLevel level) {
  const ManualClock clock(from_us(0));
  std::string out;
  Log log(clock, threshold, format, [&out](std::string_view line) { out += line; });
  log.write(level, "segment sealed", {{"path", "a \"b\"\n"}, {"events", std::int64_t{7}}});
  return out;
}

TEST(Log, WritesOneTextLineWithFields) {
  EXPECT_EQ(logged(LogFormat::kText, LogLevel::kInfo, LogLevel::kWarning),
            "1970-01-01T00:00:00.000Z warning segment sealed path=\"a \\\"b\\\"\\u000a\" "
            "events=7\n");
}

TEST(Log, WritesOneJsonObjectALine) {
  EXPECT_EQ(logged(LogFormat::kJson, LogLevel::kInfo, LogLevel::kInfo),
            "{\"time\":\"1970-01-01T00:00:00.000Z\",\"level\":\"info\",\"message\":\"segment "
            "sealed\",\"path\":\"a \\\"b\\\"\\u000a\",\"events\":7}\n");
}

TEST(Log, DropsEntriesBelowItsLevel) {
  EXPECT_EQ(logged(LogFormat::kText, LogLevel::kError, LogLevel::kWarning), "");
}

}  // namespace
}  // namespace base
