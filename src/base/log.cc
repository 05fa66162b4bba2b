#include "base/log.h"

#include "base/time_text.h"

#include <array>
#include <cstdio>

namespace base {
namespace {

constexpr std::array<std::string_view, 4> kLevelNames = {"debug", "info", "warning", "error"};

void append_quoted(std::string& out, std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\u00";
      out += kHex[byte >> 4U];
      out += kHex[byte & 15U];
    } else {
      out += c;
    }
  }
  out += '"';
}

std::string text_line(Time now, std::string_view level, std::string_view message,
                      std::initializer_list<LogField> fields) {
  std::string out = format_iso8601_ms(now);
  out += ' ';
  out += level;
  out += ' ';
  out += message;
  for (const LogField& field : fields) {
    out += ' ';
    out += field.key;
    out += '=';
    if (field.number) {
      out += field.value;
    } else {
      append_quoted(out, field.value);
    }
  }
  out += '\n';
  return out;
}

std::string json_line(Time now, std::string_view level, std::string_view message,
                      std::initializer_list<LogField> fields) {
  std::string out = "{\"time\":";
  append_quoted(out, format_iso8601_ms(now));
  out += ",\"level\":";
  append_quoted(out, level);
  out += ",\"message\":";
  append_quoted(out, message);
  for (const LogField& field : fields) {
    out += ',';
    append_quoted(out, field.key);
    out += ':';
    if (field.number) {
      out += field.value;
    } else {
      append_quoted(out, field.value);
    }
  }
  out += "}\n";
  return out;
}

}  // namespace

Log::Log(const Clock& clock, LogLevel level, LogFormat format, Sink sink)
    : clock_(clock), level_(level), format_(format), sink_(std::move(sink)) {}

void Log::write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  if (level < level_ || !sink_) {
    return;
  }
  const std::string_view name = kLevelNames.at(static_cast<std::size_t>(level));
  const std::string line = format_ == LogFormat::kJson
                               ? json_line(clock_.now(), name, message, fields)
                               : text_line(clock_.now(), name, message, fields);
  const std::lock_guard lock(mutex_);
  sink_(line);
}

void write_to_stderr(std::string_view line) { std::fwrite(line.data(), 1, line.size(), stderr); }

Log& null_log() {
  static const SystemClock clock;
  static Log log(clock, LogLevel::kError, LogFormat::kText, nullptr);
  return log;
}

}  // namespace base
