// simdjson has one first stage per kind of processor and takes the best it finds. Whatever machine
// reads a journal, it must come to the same.

#include "base/random.h"
#include "json/value.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <array>
#include <string>
#include <string_view>

namespace json {
namespace {

std::string outcome(std::string_view text) {
  const base::Result<Document> document = Document::parse(text);
  if (!document) {
    return "refused";  // each names the first thing that it stumbles over
  }
  return std::to_string(document->repairs()) + " " + write(document->root());
}

/// Texts around every rule, each with one or two bytes changed.
std::string changed_text(base::SeededRandom& random) {
  static constexpr std::array<std::string_view, 4> kTexts = {
      R"([{"a":"b\u00e9\"c\\","d":[1.5e3,-2,true,null]},{"é":"\ud83d\ude00"}])",
      "{\"long key without any escape, over 64 bytes so that it crosses a block\" : [ 1 , 22 ] }",
      R"("\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\"")",
      "[[[[[]]]],{},{\"\":{}},\"\",0,-0,1e5,\"\xF0\x9F\x98\x80\"]\n"};
  static constexpr std::string_view kBytes =
      "\"\\{}[]:,/ \n\t\x01\x1F\x7F\x80\xFF"
      "0-eE.ut";
  std::array<std::uint8_t, 5> dice{};
  random.fill(dice);
  std::string text(kTexts.at(dice[0] % kTexts.size()));
  text[dice[1] % text.size()] = kBytes[dice[2] % kBytes.size()];
  if (dice[3] % 2 == 0) {
    text[dice[3] % text.size()] = kBytes[dice[4] % kBytes.size()];
  }
  return text;
}

TEST(Kernels, AllReadTheSame) {
  const simdjson::implementation* const best = simdjson::get_active_implementation();
  base::SeededRandom random(11);
  for (int round = 0; round < 400; ++round) {
    const std::string text = changed_text(random);
    const std::string expected = outcome(text);
    for (const simdjson::implementation* kernel : simdjson::get_available_implementations()) {
      if (kernel->supported_by_runtime_system()) {
        simdjson::get_active_implementation() = kernel;
        EXPECT_EQ(outcome(text), expected) << kernel->name() << " on " << text;
      }
    }
    simdjson::get_active_implementation() = best;
  }
}

}  // namespace
}  // namespace json
