#pragma once
// Which threads get a core first. Those that answer requests work in short bursts and should run as
// soon as they wake; what makes rows visible comes next, then what only tidies up. Called by the
// thread concerned. The system may refuse; then everything works alike, only slower beside others.

namespace base {

/// For threads somebody waits for: turns of a tenth of a millisecond, so that one that wakes need
/// not wait until others have had their whole turn. It gets no more of the processor than before.
void take_short_turns();

/// Gives way to the others: 0 is normal, 19 the least. The thread counts as one that computes:
/// waking up does not make it take a core from anybody.
void lower_thread_priority(int nice_value);

}  // namespace base
