#pragma once
// Which threads get a core first. Those that answer requests work in short bursts and should run as
// soon as they wake; what makes rows visible comes next, then what only tidies up. Called by the
// thread concerned. The system may refuse; then everything works alike, only slower beside others.

namespace base {

/// For threads somebody waits for: turns of a tenth of a millisecond, so that one that wakes need
/// not wait until others have had their whole turn. It gets no more of the processor than before.
void take_short_turns();

/// Gives way to the others: 0 is normal, 19 the least. The thread counts as one that computes:
/// waking up does not make it take a core from anybody. Of several processors that the program may
/// use it leaves the first alone, as every thread of lowered priority does: the system lets one
/// that computes go on for milliseconds beside others that wait for the same processor.
void lower_thread_priority(int nice_value);

/// For a thread of lowered priority: whether it has fallen behind. Then it may use the first
/// processor as well and need not give way. Nothing changes for other threads.
void hurry(bool behind);

/// While it lives, threads that the calling thread starts may use every processor of the program,
/// for good; so may the calling thread.
class EveryProcessor {
 public:
  EveryProcessor();
  EveryProcessor(const EveryProcessor&) = delete;
  EveryProcessor& operator=(const EveryProcessor&) = delete;
  ~EveryProcessor();

 private:
  const bool lift_;
};

/// For a thread of lowered priority that computes for long: lets others that wait for its processor
/// go first. Costs less than a microsecond where nobody does; a few thousand times a second will
/// do.
void give_way();

}  // namespace base
