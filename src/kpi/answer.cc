#include "kpi/answer.h"

#include "base/time_text.h"
#include "json/writer.h"

#include <chrono>
#include <cstdlib>

namespace kpi {
namespace {

constexpr std::int64_t kMillion = 1'000'000;

std::string decimal(const Millionths& sum) {
  // Both parts may have any sign and size; carried over they have one sign.
  std::int64_t whole = sum.whole + sum.micro / kMillion;
  std::int64_t micro = sum.micro % kMillion;
  if (whole > 0 && micro < 0) {
    --whole, micro += kMillion;
  } else if (whole < 0 && micro > 0) {
    ++whole, micro -= kMillion;
  }
  std::string out = whole < 0 || micro < 0 ? "-" : "";
  out.append(std::to_string(std::abs(whole)));
  if (micro == 0) {
    return out;
  }
  std::string digits = std::to_string(kMillion + std::abs(micro));
  digits[0] = '.';
  digits.erase(digits.find_last_not_of('0') + 1);
  return out.append(digits);
}

std::string real(double value) {
  json::Writer out;
  out.number(value);
  std::string text = std::move(out).text();
  if (text.ends_with(".0")) {
    text.resize(text.size() - 2);
  }
  return text == "-0" ? "0" : text;
}

}  // namespace

std::string date_of(std::int64_t day) {
  return base::format_date(base::Time(std::chrono::days(day)));
}

double to_double(const Value& value) {
  if (const auto* count = std::get_if<std::int64_t>(&value)) {
    return static_cast<double>(*count);
  }
  if (const auto* sum = std::get_if<Millionths>(&value)) {
    return static_cast<double>(sum->whole) + static_cast<double>(sum->micro) / 1e6;
  }
  const auto* real = std::get_if<double>(&value);
  return real == nullptr ? 0 : *real;
}

std::string to_text(const Value& value) {
  if (const auto* count = std::get_if<std::int64_t>(&value)) {
    return std::to_string(*count);
  }
  if (const auto* sum = std::get_if<Millionths>(&value)) {
    return decimal(*sum);
  }
  const auto* number = std::get_if<double>(&value);
  return number == nullptr ? std::string() : real(*number);
}

}  // namespace kpi
