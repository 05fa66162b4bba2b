#pragma once
// The program's log: one line an entry, to standard error, as text or as JSON. The level says what
// the reader has to do: kError means data was lost or a person is needed, kWarning means surprised
// but nothing lost, kInfo is the story of the process, kDebug is never written per event.
// Credentials, bodies and query tokens are never logged.

#include "base/clock.h"

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <mutex>
#include <string>
#include <string_view>

namespace base {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError };
enum class LogFormat : std::uint8_t { kText, kJson };

/// One `key=value` of an entry.
struct LogField {
  LogField(std::string_view key_in, std::string_view value_in) : key(key_in), value(value_in) {}
  LogField(std::string_view key_in, std::int64_t value_in)
      : key(key_in), value(std::to_string(value_in)), number(true) {}
  std::string key;
  std::string value;
  bool number = false;
};

/// Threads: every method may be called from any thread.
class Log {
 public:
  using Sink = std::function<void(std::string_view line)>;

  /// Writes entries at `level` and above to `sink`, each with its final newline.
  Log(const Clock& clock, LogLevel level, LogFormat format, Sink sink);

  /// `message` is fixed text; what varies goes into `fields`.
  void write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});
  void debug(std::string_view message, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::kDebug, message, fields);
  }
  void info(std::string_view message, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::kInfo, message, fields);
  }
  void warning(std::string_view message, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::kWarning, message, fields);
  }
  void error(std::string_view message, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::kError, message, fields);
  }

 private:
  const Clock& clock_;
  const LogLevel level_;
  const LogFormat format_;
  std::mutex mutex_;
  Sink sink_;
};

/// A sink for Log that writes to standard error.
void write_to_stderr(std::string_view line);
/// A Log that drops everything, for tests.
Log& null_log();

}  // namespace base
