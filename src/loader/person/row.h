#pragma once
// A person as bytes, as it lies in the state database and in memory between two steps: a third of
// what it takes as values. Written when a step ends, read when an event is about the person or
// somebody asks for the table `user`. A checksum tells damage, which SQLite would not.
//
//   version (1 byte), API, what follows (bits), events, journal position, first seen, last seen;
//   app_id, identities, then user_pseudo_id, user_id with its kind and time, first touch, platform,
//   country and properties, each where there is one; CRC-32C of the common texts it names and of
//   all this, 4 bytes.
//
// Numbers are varints, times differences to times before. Of ids that are among the identities,
// as nearly all are, only the place stands here. A text begins with a number whose two lowest bits
// say what it is: its length, and as many bytes; the number of a common text (common_texts.h); 4
// times the number that its digits write; or 4 times how its hex digits, two in a byte, are
// written.

#include "base/result.h"
#include "loader/person/common_texts.h"
#include "loader/person/person.h"

#include <string>
#include <string_view>

namespace loader::person {

/// Puts the bytes in place of `out`. The id is not among them. May add to `texts`, which must be
/// kept as long as the row.
void write_row(const Person& person, CommonTexts& texts, std::string& out);
/// Puts what the bytes say in place of `person`, but for its id. kCorrupt when they are none of
/// write_row(), which leaves `person` half read.
base::Status read_row(std::string_view row, const CommonTexts& texts, Person& person);

}  // namespace loader::person
