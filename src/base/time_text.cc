#include "base/time_text.h"

#include <array>
#include <charconv>
#include <cstdio>

namespace base {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

/// Takes fixed pieces off the front of a text; every method answers false and leaves the text
/// alone when the piece is not there.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  [[nodiscard]] bool empty() const { return text_.empty(); }
  [[nodiscard]] char peek() const { return text_.empty() ? '\0' : text_.front(); }

  bool take(char c) {
    if (text_.empty() || text_.front() != c) {
      return false;
    }
    text_.remove_prefix(1);
    return true;
  }

  bool digits(std::size_t count, int& out) {
    if (text_.size() < count) {
      return false;
    }
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (text_[i] < '0' || text_[i] > '9') {
        return false;
      }
      value = value * 10 + (text_[i] - '0');
    }
    text_.remove_prefix(count);
    out = value;
    return true;
  }

  template <std::size_t kCount>
  bool word(const std::array<std::string_view, kCount>& words, int& index) {
    for (std::size_t i = 0; i < kCount; ++i) {
      if (text_.starts_with(words.at(i))) {
        text_.remove_prefix(words.at(i).size());
        index = static_cast<int>(i);
        return true;
      }
    }
    return false;
  }

  bool text(std::string_view expected) {
    if (!text_.starts_with(expected)) {
      return false;
    }
    text_.remove_prefix(expected.size());
    return true;
  }

 private:
  std::string_view text_;
};

struct Fields {
  int year = 0;
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int micros = 0;
  int offset_minutes = 0;
};

std::optional<Time> to_time(const Fields& fields) {
  const std::chrono::year_month_day date{std::chrono::year(fields.year),
                                         std::chrono::month(static_cast<unsigned>(fields.month)),
                                         std::chrono::day(static_cast<unsigned>(fields.day))};
  if (!date.ok() || fields.year < 1 || fields.hour > 23 || fields.minute > 59 ||
      fields.second > 60) {
    return std::nullopt;
  }
  return Time(std::chrono::sys_days(date)) + std::chrono::hours(fields.hour) +
         std::chrono::minutes(fields.minute - fields.offset_minutes) +
         std::chrono::seconds(fields.second) + std::chrono::microseconds(fields.micros);
}

/// ".885" or ",885": one to nine digits, kept to microseconds.
bool read_fraction(Cursor& cursor, int& micros) {
  if (!cursor.take('.') && !cursor.take(',')) {
    return true;
  }
  int scale = 100'000;
  int count = 0;
  for (int digit = 0; cursor.digits(1, digit); ++count) {
    micros += digit * scale;
    scale /= 10;
  }
  return count >= 1 && count <= 9;
}

bool read_offset(Cursor& cursor, int& offset_minutes) {
  if (cursor.empty() || cursor.take('Z') || cursor.take('z')) {
    return true;
  }
  const int sign = cursor.peek() == '-' ? -1 : 1;
  int hours = 0;
  int minutes = 0;
  if (!(cursor.take('+') || cursor.take('-')) || !cursor.digits(2, hours)) {
    return false;
  }
  const bool colon = cursor.take(':');
  if ((colon || !cursor.empty()) && !cursor.digits(2, minutes)) {
    return false;
  }
  offset_minutes = sign * (hours * 60 + minutes);
  return hours <= 23 && minutes <= 59;
}

bool read_time_of_day(Cursor& cursor, Fields& fields) {
  if (!cursor.digits(2, fields.hour)) {
    return false;
  }
  const bool colon = cursor.take(':');
  if (!cursor.digits(2, fields.minute)) {
    return false;
  }
  const bool has_seconds = colon ? cursor.take(':') : cursor.peek() >= '0' && cursor.peek() <= '9';
  if (has_seconds && !cursor.digits(2, fields.second)) {
    return false;
  }
  return read_fraction(cursor, fields.micros) && read_offset(cursor, fields.offset_minutes);
}

struct Civil {
  std::chrono::year_month_day date;
  std::chrono::hh_mm_ss<std::chrono::microseconds> time;
  unsigned weekday;
};

Civil to_civil(Time time) {
  const auto days = std::chrono::floor<std::chrono::days>(time);
  return {std::chrono::year_month_day(days), std::chrono::hh_mm_ss(time - days),
          std::chrono::weekday(days).c_encoding()};
}

template <class... Args>
std::string print(const char* format, Args... args) {
  std::array<char, 80> buffer{};
  const int length = std::snprintf(buffer.data(), buffer.size(), format, args...);
  return {buffer.data(), static_cast<std::size_t>(length)};
}

/// "06:07:08 2014", or "1994 06:07:08", in the order the HTTP date form has them.
bool read_http_clock(Cursor& cursor, Fields& fields) {
  return cursor.digits(2, fields.hour) && cursor.take(':') && cursor.digits(2, fields.minute) &&
         cursor.take(':') && cursor.digits(2, fields.second);
}

/// `count` digits of `number`, at `out`.
void put_digits(int number, std::size_t count, char* out) {
  for (; count > 0; number /= 10) {
    out[--count] = static_cast<char>('0' + number % 10);
  }
}

/// "-01-02T03:04:05.678Z"; without snprintf, which takes thousands of instructions, for
/// every signed request.
std::string iso8601_behind_year(const Civil& civil) {
  std::string out = "-00-00T00:00:00.000Z";
  put_digits(static_cast<int>(static_cast<unsigned>(civil.date.month())), 2, &out[1]);
  put_digits(static_cast<int>(static_cast<unsigned>(civil.date.day())), 2, &out[4]);
  put_digits(static_cast<int>(civil.time.hours().count()), 2, &out[7]);
  put_digits(static_cast<int>(civil.time.minutes().count()), 2, &out[10]);
  put_digits(static_cast<int>(civil.time.seconds().count()), 2, &out[13]);
  put_digits(static_cast<int>(civil.time.subseconds().count() / 1000), 3, &out[16]);
  return out;
}

}  // namespace

std::optional<Time> parse_iso8601(std::string_view text) {
  Cursor cursor(text);
  Fields fields;
  if (!cursor.digits(4, fields.year)) {
    return std::nullopt;
  }
  const bool dash = cursor.take('-');
  if (!cursor.digits(2, fields.month) || (dash && !cursor.take('-')) ||
      !cursor.digits(2, fields.day)) {
    return std::nullopt;
  }
  if (!cursor.empty()) {
    if (!cursor.take('T') && !cursor.take('t') && !cursor.take(' ')) {
      return std::nullopt;
    }
    if (!read_time_of_day(cursor, fields) || !cursor.empty()) {
      return std::nullopt;
    }
  }
  return to_time(fields);
}

std::string format_iso8601_ms(Time time) {
  const Civil civil = to_civil(time);
  const auto year = static_cast<int>(civil.date.year());
  if (year < 0 || year > 9999) {
    return print("%04d", year) + iso8601_behind_year(civil);
  }
  std::string out = "0000";
  put_digits(year, 4, out.data());
  return out.append(iso8601_behind_year(civil));
}

std::string format_sql_timestamp(Time time) {
  const Civil civil = to_civil(time);
  return print("%04d-%02u-%02u %02d:%02d:%02d.%06d", static_cast<int>(civil.date.year()),
               static_cast<unsigned>(civil.date.month()), static_cast<unsigned>(civil.date.day()),
               static_cast<int>(civil.time.hours().count()),
               static_cast<int>(civil.time.minutes().count()),
               static_cast<int>(civil.time.seconds().count()),
               static_cast<int>(civil.time.subseconds().count()));
}

std::string format_date(Time time) {
  const Civil civil = to_civil(time);
  return print("%04d-%02u-%02u", static_cast<int>(civil.date.year()),
               static_cast<unsigned>(civil.date.month()), static_cast<unsigned>(civil.date.day()));
}

std::string format_http_date(Time time) {
  const Civil civil = to_civil(time);
  return print("%s, %02u %s %04d %02d:%02d:%02d GMT", kDays.at(civil.weekday).data(),
               static_cast<unsigned>(civil.date.day()),
               kMonths.at(static_cast<unsigned>(civil.date.month()) - 1).data(),
               static_cast<int>(civil.date.year()), static_cast<int>(civil.time.hours().count()),
               static_cast<int>(civil.time.minutes().count()),
               static_cast<int>(civil.time.seconds().count()));
}

std::optional<Time> parse_http_date(std::string_view text) {
  const std::size_t comma = text.find(", ");
  Fields fields;
  int index = 0;
  if (comma == 3) {  // "Sun, 06 Nov 1994 08:49:37 GMT"
    Cursor cursor(text.substr(5));
    if (!cursor.digits(2, fields.day) || !cursor.take(' ') || !cursor.word(kMonths, index) ||
        !cursor.take(' ') || !cursor.digits(4, fields.year) || !cursor.take(' ') ||
        !read_http_clock(cursor, fields) || !cursor.text(" GMT") || !cursor.empty()) {
      return std::nullopt;
    }
  } else if (comma != std::string_view::npos) {  // "Sunday, 06-Nov-94 08:49:37 GMT"
    Cursor cursor(text.substr(comma + 2));
    if (!cursor.digits(2, fields.day) || !cursor.take('-') || !cursor.word(kMonths, index) ||
        !cursor.take('-') || !cursor.digits(2, fields.year) || !cursor.take(' ') ||
        !read_http_clock(cursor, fields) || !cursor.text(" GMT") || !cursor.empty()) {
      return std::nullopt;
    }
    fields.year += fields.year < 70 ? 2000 : 1900;
  } else {  // "Sun Nov  6 08:49:37 1994"
    Cursor cursor(text);
    int weekday = 0;
    if (!cursor.word(kDays, weekday) || !cursor.take(' ') || !cursor.word(kMonths, index) ||
        !cursor.take(' ') ||
        !(cursor.take(' ') ? cursor.digits(1, fields.day) : cursor.digits(2, fields.day)) ||
        !cursor.take(' ') || !read_http_clock(cursor, fields) || !cursor.take(' ') ||
        !cursor.digits(4, fields.year) || !cursor.empty()) {
      return std::nullopt;
    }
  }
  fields.month = index + 1;
  return to_time(fields);
}

}  // namespace base
