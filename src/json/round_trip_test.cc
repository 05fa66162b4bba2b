// What is written reads back as what it was, for many made-up documents.

#include "base/random.h"
#include "json/value.h"
#include "json/writer.h"

#include <gtest/gtest.h>

#include <string>

namespace json {
namespace {

/// Makes JSON texts from a seed, with and without white space, with every escape.
class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}

  std::string value(int depth) {
    switch (pick(depth > 0 ? 8 : 6)) {
      case 0: return "null";
      case 1: return pick(2) == 0 ? "true" : "false";
      case 2: return std::to_string(static_cast<std::int64_t>(number()));
      case 3: return decimal();
      case 6: return container('[', ']', depth);
      case 7: return container('{', '}', depth);
      default: return string();
    }
  }

 private:
  std::uint64_t number() {
    std::uint64_t out = 0;
    std::uint8_t bytes[8];
    random_.fill(bytes);
    for (const std::uint8_t byte : bytes) {
      out = (out << 8U) | byte;
    }
    return out >> pick(64);
  }
  std::uint32_t pick(std::uint32_t below) {
    std::uint8_t bytes[2];
    random_.fill(bytes);
    return (bytes[0] * 256U + bytes[1]) % below;
  }
  std::string decimal() {
    std::string out = pick(2) == 0 ? "-" : "";
    out += std::to_string(pick(1000)) + "." + std::to_string(number());
    if (pick(2) == 0) {
      out += (pick(2) == 0 ? "e-" : "E+") + std::to_string(pick(250));
    }
    return out;
  }
  std::string string() {
    static constexpr const char* kPieces[] = {"a",
                                              "xyz",
                                              " ",
                                              "\\n",
                                              "\\\\",
                                              "\\\"",
                                              "\\/",
                                              "\\u0000",
                                              "\\u00e9",
                                              "\\ud83d\\ude00",
                                              "\xC3\xA9",
                                              "\xE2\x82\xAC",
                                              "\xF0\x9F\x98\x80",
                                              "{",
                                              "]",
                                              ",",
                                              ":",
                                              "'",
                                              "//",
                                              "$D_1"};
    std::string out = "\"";
    for (std::uint32_t i = pick(6); i > 0; --i) {
      out += kPieces[pick(std::size(kPieces))];
    }
    return out + "\"";
  }
  std::string space() { return std::string(pick(4) == 0 ? "\n \t" : ""); }
  std::string container(char begin, char end, int depth) {
    std::string out(1, begin);
    const std::uint32_t count = pick(10) == 0 ? 40 : pick(5);
    for (std::uint32_t i = 0; i < count; ++i) {
      out += (i > 0 ? "," : "") + space();
      if (begin == '{') {
        out += "\"k" + std::to_string(i) + string().substr(1) + space() + ":" + space();
      }
      out += value(depth - 1) + space();
    }
    return out + end;
  }

  base::SeededRandom random_;
};

TEST(RoundTrip, WrittenTextReadsBackTheSame) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const std::string text = Maker(seed).value(4);
    const base::Result<Document> first = Document::parse(text);
    ASSERT_TRUE(first) << "seed " << seed << ": " << first.error().message << "\n" << text;
    EXPECT_EQ(first->repairs(), 0) << "seed " << seed;
    const std::string written = write(first->root());
    const base::Result<Document> second = Document::parse(written);
    ASSERT_TRUE(second) << "seed " << seed << ": " << second.error().message;
    EXPECT_EQ(write(second->root()), written) << "seed " << seed;
  }
}

/// `text` and a line's end behind every bracket and comma outside strings: then nothing of it can
/// be written as it was sent.
std::string spread(std::string_view text) {
  std::string out;
  bool inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    if (inside && text[i] == '\\') {
      out += text[++i];
    } else if (text[i] == '"') {
      inside = !inside;
    } else if (!inside && std::string_view("[{,").find(text[i]) != std::string_view::npos) {
      out += '\n';
    }
  }
  return out;
}

std::string written(std::string_view text) {
  const base::Result<Document> document = Document::parse(text);
  return document ? write(document->root()) : document.error().message;
}

TEST(RoundTrip, BlanksChangeNothingOfWhatIsWritten) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const std::string text = Maker(seed).value(4);
    EXPECT_EQ(written(text), written(spread(text))) << "seed " << seed;
    const std::string compact = written(text);
    EXPECT_EQ(compact, written(spread(compact))) << "seed " << seed;
  }
}

TEST(RoundTrip, NumbersAreWrittenAlikeWhateverStandsAroundThem) {
  base::SeededRandom random(5);
  for (int i = 0; i < 3000; ++i) {
    std::uint8_t dice[18];
    random.fill(dice);
    std::string number = dice[0] % 4 == 0 ? "-" : "";
    for (int digit = 0; digit < 2 + dice[1] % 15; ++digit) {
      number += static_cast<char>('0' + (dice[digit + 2] % 3 == 0 ? 0 : dice[digit + 2] % 10));
    }
    number.insert(number.size() - dice[0] % number.size(), dice[1] % 8 == 0 ? "e" : ".");
    const std::string compact = "{\"a\":{\"n\":" + number + "},\"b\":1}";
    if (Document::parse(compact)) {
      EXPECT_EQ(written(compact), written(spread(compact))) << number;
    }
  }
}

TEST(RoundTrip, EqualKeysAreOneInWhatWasSentWithoutBlanks) {
  EXPECT_EQ(written(R"({"a":1,"b":2,"a":{"c":3,"c":4}})"), R"({"a":{"c":4},"b":2})");
  EXPECT_EQ(written(R"({"o":{"a":"x","a":"x"},"p":"\/"})"), R"({"o":{"a":"x"},"p":"/"})");
  EXPECT_EQ(written(R"([{"n":100000.0},{"n":1.50},{"n":0.05},{"n":1e400},{"n":-0}])"),
            R"([{"n":1e+05},{"n":1.5},{"n":0.05},{"n":"1e400"},{"n":-0.0}])");
}

/// Everything but blanks outside strings, to compare a text with what was read from it.
TEST(RoundTrip, EveryPrefixAndEveryChangedByteIsReadOrRefused) {
  const std::string text = Maker(7).value(3) + " ";
  for (std::size_t size = 0; size < text.size(); ++size) {
    (void)Document::parse(std::string_view(text).substr(0, size)).has_value();
  }
  base::SeededRandom random(3);
  for (int i = 0; i < 500; ++i) {
    std::string changed = R"([{"a":"b\u00e9c","d":[1.5e3,-2,true]},{"é":null}])";
    std::uint8_t bytes[2];
    random.fill(bytes);
    changed[bytes[0] % changed.size()] = static_cast<char>(bytes[1]);
    const base::Result<Document> document = Document::parse(changed);
    if (document) {
      const std::string written = write(document->root());
      EXPECT_TRUE(Document::parse(written)) << changed << " became " << written;
    }
  }
}

}  // namespace
}  // namespace json
