#include "api/clevertap/profile_fields.h"

#include "api/clevertap/items.h"
#include "json/lenient.h"

#include <algorithm>
#include <array>
#include <string>

namespace api::clevertap {
namespace {

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_one_of(json::Value value, std::initializer_list<std::string_view> allowed) {
  const std::optional<std::string_view> text = value.string();
  return text && std::ranges::find(allowed, *text) != allowed.end();
}

bool is_gender(json::Value value) {
  // The web SDK sends the words as well, in any case.
  constexpr std::array<std::string_view, 9> kGenders = {
      "m", "f", "o", "u", "male", "female", "other", "others", "unknown"};
  const std::optional<std::string_view> text = value.string();
  return text && std::ranges::find(kGenders, normalized_name(*text)) != kGenders.end();
}

/// One "@" with something before it, and a host name with a dot behind it.
bool is_email(json::Value value) {
  const std::string_view text = value.string().value_or("");
  const bool plain = std::ranges::all_of(
      text, [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7F; });
  const std::size_t at = text.find('@');
  if (!plain || at == 0 || at == std::string_view::npos || text.rfind('@') != at) {
    return false;
  }
  const std::string_view host = text.substr(at + 1);
  return host.find('.') != std::string_view::npos && host.front() != '.' && host.back() != '.' &&
         host.find("..") == std::string_view::npos;
}

bool is_phone(json::Value value) {
  constexpr std::size_t kBytesMin = 9;  // with the "+"
  const std::string_view text = value.string().value_or("");
  return text.size() >= kBytesMin && text.front() == '+' && is_digits(text.substr(1));
}

bool is_yes_or_no(json::Value value) { return is_one_of(value, {"Y", "N"}); }

bool is_education(json::Value value) { return is_one_of(value, {"School", "College", "Graduate"}); }

bool is_age(json::Value value) {
  const std::optional<double> number = json::read_double(value);
  return number && *number >= 0;
}

struct Field {
  std::string_view key;
  bool (*is_good)(json::Value);
  Code code;
  std::string_view detail;  ///< "Education ... Graduate." brings its own full stop.
};

constexpr std::array<Field, 7> kFields = {{
    {"Gender", is_gender, kBadGender, "Gender is not valid"},
    {"Email", is_email, kBadEmail, "Email is not valid"},
    {"Phone", is_phone, kBadPhone, "Phone number is not valid"},
    {"Employed", is_yes_or_no, kBadEmployed, "Employed needs to be Y/N"},
    {"Education", is_education, kBadEducation, "Education needs to be School/College/Graduate."},
    {"Married", is_yes_or_no, kBadMarried, "Married needs to be Y/N"},
    {"Age", is_age, kBadAge, "Age is invalid"},
}};

constexpr std::array<std::string_view, 18> kReservedFields = {
    "Name",      "Email",    "Phone",   "Gender",       "Employed",     "Education",
    "Married",   "Age",      "DOB",     "Birthday",     "Tz",           "Photo",
    "MSG-email", "MSG-push", "MSG-sms", "MSG-whatsapp", "MSG-dndPhone", "MSG-dndEmail"};

}  // namespace

std::optional<Problem> check_profile_fields(json::Value profile_data) {
  for (const Field& field : kFields) {
    const json::Value given = profile_data[field.key];
    const json::Value value = given["$set"] ? given["$set"] : given;
    // An empty form field says nothing; it must not cost the rest of the profile.
    const bool unsaid = !value || value.is_null() || value.is_object() || value.string() == "";
    if (!unsaid && !field.is_good(value)) {
      return profile_problem(field.code, field.detail);
    }
  }
  return std::nullopt;
}

bool is_reserved_field(std::string_view key) {
  return std::ranges::find(kReservedFields, key) != kReservedFields.end();
}

}  // namespace api::clevertap
