#pragma once
// Where a person's earliest visit came from, for the first_* columns of clickstream's user_v2.

#include "event/event.h"
#include "loader/person/person.h"

#include <cstdint>
#include <string>

namespace loader::person {

/// True when `event`, which happened at `time_us`, is an earlier visit than the one `person` has.
/// Clickstream counts _first_open, _first_visit, _session_start and _screen_view as visits.
bool is_first_touch(const event::Event& event, std::int64_t time_us, const Person& person);

/// {"referrer": ..., "source": ..., "medium": ..., "campaign": ..., "content": ..., "term": ...,
/// "campaign_id": ..., "clid": ..., "clid_platform": ..., "channel_group": ..., "category": ...,
/// "app_install_source": ...}; only what the event has.
std::string first_touch_json(const event::Event& event);

}  // namespace loader::person
