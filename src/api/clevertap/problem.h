#pragma once
// Why a record cannot be stored, as the vendor numbers and words it. Texts that the vendor's
// answers show are taken over to the letter, odd spacing included, because clients match on them;
// for codes without a known text the same pattern is followed.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace api::clevertap {

enum Code : std::int16_t {
  kEventNameMissing = 509,
  kBadStructure = 512,  ///< Also an exceeded length limit.
  kRestrictedEvent = 513,
  kBadGender = 514,
  kBadEmail = 515,
  kBadPhone = 516,
  kBadEmployed = 517,
  kBadEducation = 518,
  kBadMarried = 519,
  kBadAge = 520,
  kTooManyProperties = 522,
  kNoIdentity = 523,
  kBadType = 524,
  kBadTimestamp = 525,
  kBadObjectId = 526,
  kTokenBadObjectId = 530,
  kTokenBadData = 531,
  kTokenIdMissing = 532,
  kTokenTypeMissing = 533,
  kTokenTypeOfOtherPlatform = 534,
  kTokenBadType = 535,
};

struct Problem {
  Code code = kBadStructure;
  std::string text;  ///< Without the "Skipped record number : N" at its end, space included.
};

/// "Event Name is incorrect. ErrorCode: 509 - Event name is mandatory. "
Problem event_name_problem(Code code, std::string_view detail);
/// "Event structure is incorrect. ErrorCode: 512 - <detail>. "
Problem event_problem(Code code, std::string_view detail);
/// "Profile data is incorrect. Email is not valid." Nothing stands before "Skipped".
Problem profile_problem(Code code, std::string_view detail);
/// "Token data is incorrect. <detail>."
Problem token_problem(Code code, std::string_view detail);

/// The whole text of the answer for the record at `index` (from 0).
std::string error_text(const Problem& problem, std::size_t index);

}  // namespace api::clevertap
