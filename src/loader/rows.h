#pragma once
// From what a decoder made of a record to rows of the store: fills what decoders leave to the
// loader, files rows by day, and makes every text valid for the store. Pure functions.

#include "event/columns.h"
#include "event/event.h"
#include "event/record.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace loader {

using event::Position;

/// Where a unit stands: its record and which of the record's units it is.
struct UnitPlace {
  Position position = 0;
  std::uint32_t index = 0;
};

/// Fills position, receive time, application, addresses and user agent where the decoder left them,
/// and an event id made from the place where the client sent none.
void fill_event(const event::Record& record, UnitPlace place, event::Event& event);

/// Sets event_date: the event's day, or the receive day when the event's time is before 2000 or
/// more than a day ahead of its receipt, so that no client can make partitions without end.
void file_event(event::Event& event);

/// Replaces bytes that are no UTF-8, which the store refuses.
void make_storable(event::Event& event);

/// Moves the event's items out into rows.
void take_items(event::Event& event, std::vector<event::ItemRow>& rows);

/// Bytes that the rows of `decoded` take in memory, about. What a request says once stands in every
/// row: a long user agent in each event, an event's ids in each of its items.
std::uint64_t row_bytes(const event::Record& record, const event::Decoded& decoded);

/// Bytes that the persons its profile records change take until they are written, about.
std::uint64_t person_bytes(const event::Decoded& decoded);

event::RejectedRow rejected_row(const event::Record& record, Position position,
                                event::Rejection rejection);

/// The row of a record that could not be decoded or stored as a whole.
event::Rejection whole_record(const event::Record& record, std::string code, std::string reason);

/// The bytes as text when they are UTF-8, else as base64.
std::string as_text(std::string_view bytes);

}  // namespace loader
