#include "http/head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace http {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

/// 0 when the head is accepted.
int status_of(std::string_view text, Head& head) {
  const auto refusal = parse_head(text, head);
  return refusal ? refusal->status : 0;
}
int status_of(std::string_view text) {
  Head head;
  return status_of(text, head);
}

TEST(Head, SaysWhatWasSent) {
  Head head;
  ASSERT_EQ(status_of("POST /collect?appId=a%20b HTTP/1.1\r\nhost: h:8080\r\nContent-Length:12\r\n"
                      "X-Empty:\r\nX-Blanks: \t a\tb c \t\r\nX-Latin: caf\xe9\r\n\r\n",
                      head),
            0);
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.target, "/collect?appId=a%20b");
  EXPECT_THAT(head.headers,
              ElementsAre(Pair("host", "h:8080"), Pair("Content-Length", "12"), Pair("X-Empty", ""),
                          Pair("X-Blanks", "a\tb c"), Pair("X-Latin", "caf\xe9")));
  EXPECT_EQ(head.content_length, 12U);
  EXPECT_TRUE(head.keep_alive && head.version_1_1);
  EXPECT_FALSE(head.chunked || head.expects_continue);
}

TEST(Head, NextOneOfTheConnectionKnowsNothingOfTheLast) {
  Head head;
  ASSERT_EQ(status_of("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
                      "Expect: 100-continue\r\n\r\n",
                      head),
            0);
  EXPECT_TRUE(head.chunked && head.expects_continue);
  ASSERT_EQ(status_of("GET / HTTP/1.0\r\n\r\n", head), 0);
  EXPECT_TRUE(head.headers.empty());
  EXPECT_FALSE(head.chunked || head.expects_continue || head.keep_alive || head.version_1_1);
}

TEST(Head, ConnectionStaysOpenAsItsOptionsSay) {
  struct Case {
    std::string_view version;
    std::string_view options;
    bool stays;
  };
  for (const auto& [version, options, stays] :
       {Case{"1.1", "upgrade", true}, Case{"1.1", "Close", false},
        Case{"1.1", "keep-alive, close", false}, Case{"1.1", "TE,close", false},
        Case{"1.1", "closed", true}, Case{"1.0", "te", false}, Case{"1.0", "TE, Keep-Alive", true},
        Case{"1.0", "keep-alive,close", false}}) {
    Head head;
    ASSERT_EQ(status_of("GET / HTTP/" + std::string(version) +
                            "\r\nHost: h\r\nConnection: " + std::string(options) + "\r\n\r\n",
                        head),
              0);
    EXPECT_EQ(head.keep_alive, stays) << version << " " << options;
  }
}

// Eight bytes are looked at at a time: every place within and behind them.
TEST(Head, ControlCharacterAnywhereInAValueIsRefused) {
  for (const std::size_t length : {1U, 7U, 8U, 9U, 15U, 16U, 17U, 31U}) {
    for (std::size_t at = 0; at < length; ++at) {
      for (const char c : {'\0', '\x01', '\x1f', '\x7f', '\r'}) {
        std::string value(length, '\xff');
        value[at] = c;
        EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: h\r\nX: " + value + "\r\n\r\n"), 400)
            << length << " " << at << " " << static_cast<int>(c);
      }
    }
  }
}

TEST(Head, RequestLineThatIsNoneIsRefused) {
  for (const std::string_view line :
       {"", " / HTTP/1.1", "GET  / HTTP/1.1", "GET /", "GET / ", "GET / HTTP/1.1 ", "GET / HTTP/11",
        "GET / http/1.1", "GET / HTTP/1.x", "G(T / HTTP/1.1", "GET /a b HTTP/1.1",
        "GET /a\tb HTTP/1.1", "GET /\x7f HTTP/1.1", "\tGET / HTTP/1.1"}) {
    EXPECT_EQ(status_of(std::string(line) + "\r\nHost: h\r\n\r\n"), 400) << line;
  }
  EXPECT_EQ(status_of("GET / HTTP/1.2\r\nHost: h\r\n\r\n"), 505);
  EXPECT_EQ(status_of("GET / HTTP/0.9\r\nHost: h\r\n\r\n"), 505);
}

TEST(Head, FieldWithoutANameIsRefused) {
  for (const std::string_view field : {":", ": a", "a", "a b: c", "a\t: c", "\xe9: c"}) {
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: h\r\n" + std::string(field) + "\r\n\r\n"), 400)
        << field;
  }
}

TEST(Head, FieldsAreCounted) {
  std::string text = "GET / HTTP/1.1\r\nHost: h\r\n";
  for (int i = 0; i < 255; ++i) {
    text += "a: b\r\n";
  }
  EXPECT_EQ(status_of(text + "\r\n"), 0);
  EXPECT_EQ(status_of(text + "a: b\r\n\r\n"), 431);
}

}  // namespace
}  // namespace http
