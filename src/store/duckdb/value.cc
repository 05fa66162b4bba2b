#include "json/writer.h"
#include "store/duckdb/result.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string>
#include <string_view>

namespace store::duckdb {
namespace {

template <class T>
T cell(duckdb_vector vector, std::uint64_t row) {
  return static_cast<const T*>(duckdb_vector_get_data(vector))[row];
}

std::string_view text_cell(duckdb_vector vector, std::uint64_t row) {
  auto* string = &static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector))[row];
  return {duckdb_string_t_data(string), duckdb_string_t_length(*string)};
}

template <class T>
void append_integer(T number, std::string& out) {
  out += std::to_string(number);
}

template <class T>
void append_real(T number, ValueStyle style, std::string& out) {
  if (!std::isfinite(number)) {
    if (style == ValueStyle::kJson) {
      out += "null";
    } else {
      out += std::isnan(number) ? "nan" : number < 0 ? "-inf" : "inf";
    }
    return;
  }
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), number).ptr;
  const std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
  out += text;
  if (text.find_first_of(".e") == std::string_view::npos) {
    out += ".0";
  }
}

__extension__ using Wide = unsigned __int128;

void append_wide(Wide number, bool negative, std::uint8_t scale, std::string& out) {
  std::string digits;
  do {
    digits += static_cast<char>('0' + static_cast<int>(number % 10));
    number /= 10;
  } while (number != 0);
  while (digits.size() <= scale) {
    digits += '0';
  }
  if (negative) {
    out += '-';
  }
  for (std::size_t i = digits.size(); i > 0; --i) {
    out += digits[i - 1];
    if (i - 1 == scale && scale > 0) {
      out += '.';
    }
  }
}

void append_signed_wide(duckdb_hugeint value, std::uint8_t scale, std::string& out) {
  const Wide number =
      (static_cast<Wide>(static_cast<std::uint64_t>(value.upper)) << 64U) | value.lower;
  const bool negative = value.upper < 0;
  append_wide(negative ? ~number + 1 : number, negative, scale, out);
}

void append_decimal(const ValueType& type, duckdb_vector vector, std::uint64_t row,
                    std::string& out) {
  std::int64_t number = 0;
  switch (type.storage) {
    case DUCKDB_TYPE_SMALLINT: number = cell<std::int16_t>(vector, row); break;
    case DUCKDB_TYPE_INTEGER: number = cell<std::int32_t>(vector, row); break;
    case DUCKDB_TYPE_BIGINT: number = cell<std::int64_t>(vector, row); break;
    default: append_signed_wide(cell<duckdb_hugeint>(vector, row), type.scale, out); return;
  }
  append_signed_wide({static_cast<std::uint64_t>(number), number < 0 ? -1 : 0}, type.scale, out);
}

void append_padded(std::int64_t number, std::size_t width, std::string& out) {
  const std::string digits = std::to_string(number < 0 ? -number : number);
  if (number < 0) {
    out += '-';
  }
  out.append(digits.size() < width ? width - digits.size() : 0, '0');
  out += digits;
}

void append_date(duckdb_date date, std::string& out) {
  if (!duckdb_is_finite_date(date)) {
    out += date.days < 0 ? "-infinity" : "infinity";
    return;
  }
  const duckdb_date_struct parts = duckdb_from_date(date);
  append_padded(parts.year, 4, out);
  out += '-';
  append_padded(parts.month, 2, out);
  out += '-';
  append_padded(parts.day, 2, out);
}

void append_time(std::int64_t micros, std::string& out) {
  append_padded(micros / 3'600'000'000, 2, out);
  out += ':';
  append_padded(micros / 60'000'000 % 60, 2, out);
  out += ':';
  append_padded(micros / 1'000'000 % 60, 2, out);
  out += '.';
  append_padded(micros % 1'000'000, 6, out);
}

void append_timestamp(std::int64_t micros, std::string& out) {
  if (!duckdb_is_finite_timestamp({micros})) {
    out += micros < 0 ? "-infinity" : "infinity";
    return;
  }
  constexpr std::int64_t kDayUs = 86'400'000'000;
  std::int64_t days = micros / kDayUs;
  std::int64_t rest = micros % kDayUs;
  if (rest < 0) {
    --days;
    rest += kDayUs;
  }
  append_date({static_cast<std::int32_t>(days)}, out);
  out += ' ';
  append_time(rest, out);
}

/// `units` of `unit_us` microseconds each; beyond the engine's own range it is infinite.
void append_coarse_timestamp(std::int64_t units, std::int64_t unit_us, std::string& out) {
  std::int64_t micros = 0;
  if (__builtin_mul_overflow(units, unit_us, &micros)) {
    out += units < 0 ? "-infinity" : "infinity";
  } else {
    append_timestamp(micros, out);
  }
}

void append_interval(duckdb_interval value, std::string& out) {
  out += std::to_string(value.months) + " months " + std::to_string(value.days) + " days ";
  if (value.micros < 0) {
    out += '-';
  }
  append_time(std::abs(value.micros), out);
}

void append_hex(std::string_view bytes, std::string& out) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
  }
}

void append_uuid(duckdb_hugeint value, std::string& out) {
  // The engine flips the top bit so that UUIDs sort as signed numbers.
  const std::uint64_t high = static_cast<std::uint64_t>(value.upper) ^ (std::uint64_t{1} << 63U);
  std::string bytes;
  for (unsigned shift = 64; shift > 0; shift -= 8) {
    bytes += static_cast<char>((high >> (shift - 8)) & 255U);
  }
  for (unsigned shift = 64; shift > 0; shift -= 8) {
    bytes += static_cast<char>((value.lower >> (shift - 8)) & 255U);
  }
  std::string hex;
  append_hex(bytes, hex);
  for (const std::size_t dash : {20U, 16U, 12U, 8U}) {
    hex.insert(dash, 1, '-');
  }
  out += hex;
}

std::uint64_t enum_index(const ValueType& type, duckdb_vector vector, std::uint64_t row) {
  switch (type.storage) {
    case DUCKDB_TYPE_UTINYINT: return cell<std::uint8_t>(vector, row);
    case DUCKDB_TYPE_USMALLINT: return cell<std::uint16_t>(vector, row);
    default: return cell<std::uint32_t>(vector, row);
  }
}

void append_list(const ValueType& type, duckdb_vector items, duckdb_list_entry entry,
                 std::string& out) {
  out += '[';
  for (std::uint64_t i = 0; i < entry.length; ++i) {
    out += i == 0 ? "" : ",";
    append_value(type.children[0], items, entry.offset + i, ValueStyle::kJson, out);
  }
  out += ']';
}

void append_struct(const ValueType& type, duckdb_vector vector, std::uint64_t row,
                   std::string& out) {
  out += '{';
  for (std::size_t i = 0; i < type.children.size(); ++i) {
    out += i == 0 ? "" : ",";
    json::write_string(type.names[i], out);
    out += ':';
    append_value(type.children[i], duckdb_struct_vector_get_child(vector, i), row,
                 ValueStyle::kJson, out);
  }
  out += '}';
}

/// An object, its keys as text.
void append_map(const ValueType& type, duckdb_vector vector, std::uint64_t row, std::string& out) {
  const auto entry = cell<duckdb_list_entry>(vector, row);
  duckdb_vector entries = duckdb_list_vector_get_child(vector);
  duckdb_vector keys = duckdb_struct_vector_get_child(entries, 0);
  duckdb_vector values = duckdb_struct_vector_get_child(entries, 1);
  out += '{';
  for (std::uint64_t i = 0; i < entry.length; ++i) {
    out += i == 0 ? "" : ",";
    std::string key;
    append_value(type.children[0], keys, entry.offset + i, ValueStyle::kPlain, key);
    json::write_string(key, out);
    out += ':';
    append_value(type.children[1], values, entry.offset + i, ValueStyle::kJson, out);
  }
  out += '}';
}

/// Types whose text is neither quoted nor escaped in JSON; false for every other type.
bool append_number(const ValueType& type, duckdb_vector vector, std::uint64_t row, ValueStyle style,
                   std::string& out) {
  switch (type.id) {
    case DUCKDB_TYPE_BOOLEAN: out += cell<bool>(vector, row) ? "true" : "false"; return true;
    case DUCKDB_TYPE_TINYINT: append_integer(cell<std::int8_t>(vector, row), out); return true;
    case DUCKDB_TYPE_SMALLINT: append_integer(cell<std::int16_t>(vector, row), out); return true;
    case DUCKDB_TYPE_INTEGER: append_integer(cell<std::int32_t>(vector, row), out); return true;
    case DUCKDB_TYPE_BIGINT: append_integer(cell<std::int64_t>(vector, row), out); return true;
    case DUCKDB_TYPE_UTINYINT: append_integer(cell<std::uint8_t>(vector, row), out); return true;
    case DUCKDB_TYPE_USMALLINT: append_integer(cell<std::uint16_t>(vector, row), out); return true;
    case DUCKDB_TYPE_UINTEGER: append_integer(cell<std::uint32_t>(vector, row), out); return true;
    case DUCKDB_TYPE_UBIGINT: append_integer(cell<std::uint64_t>(vector, row), out); return true;
    case DUCKDB_TYPE_HUGEINT:
      append_signed_wide(cell<duckdb_hugeint>(vector, row), 0, out);
      return true;
    case DUCKDB_TYPE_UHUGEINT: {
      const auto value = cell<duckdb_uhugeint>(vector, row);
      append_wide((static_cast<Wide>(value.upper) << 64U) | value.lower, false, 0, out);
      return true;
    }
    case DUCKDB_TYPE_DECIMAL: append_decimal(type, vector, row, out); return true;
    case DUCKDB_TYPE_FLOAT: append_real(cell<float>(vector, row), style, out); return true;
    case DUCKDB_TYPE_DOUBLE: append_real(cell<double>(vector, row), style, out); return true;
    default: return false;
  }
}

bool append_nested(const ValueType& type, duckdb_vector vector, std::uint64_t row,
                   std::string& out) {
  switch (type.id) {
    case DUCKDB_TYPE_LIST:
      append_list(type, duckdb_list_vector_get_child(vector), cell<duckdb_list_entry>(vector, row),
                  out);
      return true;
    case DUCKDB_TYPE_ARRAY:
      append_list(type, duckdb_array_vector_get_child(vector),
                  {row * type.array_size, type.array_size}, out);
      return true;
    case DUCKDB_TYPE_STRUCT: append_struct(type, vector, row, out); return true;
    case DUCKDB_TYPE_MAP: append_map(type, vector, row, out); return true;
    default: return false;
  }
}

/// The text of every other type, without quotes.
void append_text(const ValueType& type, duckdb_vector vector, std::uint64_t row, std::string& out) {
  switch (type.id) {
    case DUCKDB_TYPE_VARCHAR: out += text_cell(vector, row); return;
    case DUCKDB_TYPE_BLOB: append_hex(text_cell(vector, row), out); return;
    case DUCKDB_TYPE_UUID: append_uuid(cell<duckdb_hugeint>(vector, row), out); return;
    case DUCKDB_TYPE_DATE: append_date(cell<duckdb_date>(vector, row), out); return;
    case DUCKDB_TYPE_TIME: append_time(cell<std::int64_t>(vector, row), out); return;
    case DUCKDB_TYPE_TIMESTAMP: append_timestamp(cell<std::int64_t>(vector, row), out); return;
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      append_timestamp(cell<std::int64_t>(vector, row), out);
      out += "+00";
      return;
    case DUCKDB_TYPE_TIMESTAMP_S:
      append_coarse_timestamp(cell<std::int64_t>(vector, row), 1'000'000, out);
      return;
    case DUCKDB_TYPE_TIMESTAMP_MS:
      append_coarse_timestamp(cell<std::int64_t>(vector, row), 1'000, out);
      return;
    case DUCKDB_TYPE_TIMESTAMP_NS:
      append_timestamp(cell<std::int64_t>(vector, row) / 1'000, out);
      return;
    case DUCKDB_TYPE_INTERVAL: append_interval(cell<duckdb_interval>(vector, row), out); return;
    case DUCKDB_TYPE_ENUM: out += type.names[enum_index(type, vector, row)]; return;
    default: return;
  }
}

}  // namespace

bool is_null(duckdb_vector vector, std::uint64_t row) {
  std::uint64_t* validity = duckdb_vector_get_validity(vector);
  return validity != nullptr && !duckdb_validity_row_is_valid(validity, row);
}

void append_value(const ValueType& type, duckdb_vector vector, std::uint64_t row, ValueStyle style,
                  std::string& out) {
  const bool json = style == ValueStyle::kJson;
  if (type.id == DUCKDB_TYPE_SQLNULL || is_null(vector, row)) {
    out += json ? "null" : "";
    return;
  }
  if (append_number(type, vector, row, style, out) || append_nested(type, vector, row, out)) {
    return;
  }
  if (!json || type.json) {
    append_text(type, vector, row, out);
  } else if (type.id == DUCKDB_TYPE_VARCHAR) {
    json::write_string(text_cell(vector, row), out);
  } else {
    std::string text;
    append_text(type, vector, row, text);
    json::write_string(text, out);
  }
}

}  // namespace store::duckdb
