#pragma once
// Names threads, so that `top -H` and a profile tell which of them work. Called by each thread of
// ours first of all.

namespace base {

/// Of the calling thread; at most 15 characters, as the system cuts the rest. ARCHITECTURE.md lists
/// the names.
void name_this_thread(const char* name);

}  // namespace base
