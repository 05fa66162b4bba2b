#pragma once
// Corrects the times of events whose device's clock is wrong, as Clickstream's own pipeline can be
// told to. Pure.

#include "event/event.h"

namespace enrich {

/// What the client's clock said when it sent the event is compared with when it arrived: when they
/// differ by more than ten minutes, or the event lies in the future, event and session times move
/// by the difference. What is then still in the future happened when it arrived.
void correct_clock(event::Event& event);

}  // namespace enrich
