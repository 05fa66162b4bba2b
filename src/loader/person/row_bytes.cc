#include "loader/person/row_bytes.h"

#include "codec/hash.h"
#include "codec/varint.h"

#include <array>
#include <charconv>

namespace loader::person {
namespace {

/// The two lowest bits of the number a text begins with; the others are said behind each.
enum Form : std::uint8_t {
  kPlain = 0,   // length
  kCommon = 1,  // number of the text
  kDigits = 2,  // the number itself
  kHex = 3,     // one of the two below, or bytes + 1
};
constexpr std::uint64_t kUuid = 0;       // xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx
constexpr std::uint64_t kUpperUuid = 1;  // the same in capitals
constexpr std::size_t kUuidBytes = 16;
constexpr std::size_t kUuidLetters = 36;
constexpr std::size_t kHexBytesMin = 4;
constexpr std::size_t kDigitsMax = 18;  // what fits in 62 bits

constexpr std::string_view kLower = "0123456789abcdef";
constexpr std::string_view kUpper = "0123456789ABCDEF";

std::uint64_t head_of(std::uint64_t what, Form form) { return what << 2U | form; }

bool is_uuid(std::uint64_t form) { return form == kUuid || form == kUpperUuid; }

bool is_dash(std::size_t at) { return at == 8 || at == 13 || at == 18 || at == 23; }

/// 16 for what is none.
unsigned digit_of(char letter, bool upper) {
  if (letter >= '0' && letter <= '9') {
    return static_cast<unsigned>(letter - '0');
  }
  const char first = upper ? 'A' : 'a';
  return letter >= first && letter < first + 6 ? static_cast<unsigned>(letter - first) + 10 : 16;
}

/// Appends the bytes that hex digits write, dashes left out; false, and some of them appended, at
/// another letter.
bool pack(std::string_view text, bool uuid, bool upper, std::string& out) {
  unsigned high = 16;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (uuid && is_dash(at)) {
      continue;
    }
    const unsigned digit = digit_of(text[at], upper);
    if (digit == 16) {
      return false;
    }
    if (high == 16) {
      high = digit;
    } else {
      out.push_back(static_cast<char>(high << 4U | digit));
      high = 16;
    }
  }
  return true;
}

void unpack(std::string_view bytes, bool uuid, bool upper, std::string& out) {
  const std::string_view letters = upper ? kUpper : kLower;
  for (const char byte : bytes) {
    if (uuid && is_dash(out.size())) {
      out.push_back('-');
    }
    out.push_back(letters[static_cast<std::uint8_t>(byte) >> 4U]);
    out.push_back(letters[static_cast<std::uint8_t>(byte) & 0xfU]);
  }
}

bool has_dashes(std::string_view text) {
  return text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-';
}

}  // namespace

void RowWriter::number(std::uint64_t value) { codec::put_varint(out_, value); }

void RowWriter::near(std::int64_t value, std::int64_t base) {
  const auto between = static_cast<std::int64_t>(static_cast<std::uint64_t>(value) -
                                                 static_cast<std::uint64_t>(base));
  number((static_cast<std::uint64_t>(between) << 1U) ^ static_cast<std::uint64_t>(between >> 63U));
}

/// True when the text is a number as it is written out, and stands in the row.
bool RowWriter::digits(std::string_view text) {
  if (text.empty() || text.size() > kDigitsMax || text.front() < '0' || text.front() > '9' ||
      (text.front() == '0' && text.size() > 1)) {
    return false;
  }
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ptr != text.data() + text.size()) {
    return false;
  }
  number(head_of(value, kDigits));
  return true;
}

/// True when the text is made of hex digits, and stands in the row.
bool RowWriter::hex(std::string_view text) {
  if (text.size() == kUuidLetters && has_dashes(text)) {
    return packed(text, kUuid) || packed(text, kUpperUuid);
  }
  return text.size() % 2 == 0 && text.size() >= kHexBytesMin * 2 &&
         packed(text, text.size() / 2 + 1);
}

bool RowWriter::packed(std::string_view text, std::uint64_t form) {
  const std::size_t before = out_.size();
  number(head_of(form, kHex));
  if (pack(text, is_uuid(form), form == kUpperUuid, out_)) {
    return true;
  }
  out_.resize(before);
  return false;
}

void RowWriter::text(std::string_view text) {
  if (digits(text) || hex(text)) {
    return;
  }
  number(head_of(text.size(), kPlain));
  out_.append(text);
}

void RowWriter::text(std::string_view text, CommonTexts& texts, std::int64_t person) {
  if (digits(text)) {
    return;
  }
  if (const std::uint64_t common = texts.number_of(text, person); common != 0) {
    named_ = codec::crc32c(text, named_);
    return number(head_of(common, kCommon));
  }
  this->text(text);
}

void RowReader::fail() {
  failed_ = true;
  left_ = {};
}

std::uint64_t RowReader::number() {
  const auto value = codec::take_varint(left_);
  if (!value) {
    fail();
  }
  return value.value_or(0);
}

std::int64_t RowReader::near(std::int64_t base) {
  const std::uint64_t coded = number();
  const std::uint64_t between = (coded >> 1U) ^ (~(coded & 1U) + 1U);
  return static_cast<std::int64_t>(between + static_cast<std::uint64_t>(base));
}

std::size_t RowReader::count() {
  const std::uint64_t count = number();
  if (count > left_.size() / 2) {
    fail();
    return 0;
  }
  return count;
}

std::string_view RowReader::take(std::uint64_t bytes) {
  if (bytes > left_.size()) {
    fail();
    return {};
  }
  const std::string_view taken = left_.substr(0, bytes);
  left_.remove_prefix(bytes);
  return taken;
}

void RowReader::hex(std::uint64_t form, std::string& out) {
  out.clear();
  unpack(take(is_uuid(form) ? kUuidBytes : form - 1), is_uuid(form), form == kUpperUuid, out);
}

void RowReader::text(std::string& out) {
  const std::uint64_t head = number();
  const std::uint64_t what = head >> 2U;
  switch (static_cast<Form>(head & 3U)) {
    case kPlain: out = take(what); return;
    case kHex: return hex(what, out);
    case kDigits: {
      std::array<char, kDigitsMax + 2> digits{};
      const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), what).ptr;
      out.assign(digits.data(), end);
      return;
    }
    case kCommon: {
      const std::string* common = texts_.text_of(what);
      if (common == nullptr) {
        fail();
        out.clear();
        return;
      }
      named_ = codec::crc32c(*common, named_);
      out = *common;
      return;
    }
  }
}

}  // namespace loader::person
