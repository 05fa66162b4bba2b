#pragma once
// Programmer errors. Never for input data: that is an Error.

namespace base {

/// Prints where and what, then aborts.
[[noreturn]] void check_failed(const char* file, int line, const char* condition);

}  // namespace base

/// Aborts in every build when `condition` is false: a bug, the process cannot be trusted any more.
#define CHECK(condition)                                    \
  do {                                                      \
    if (!(condition)) [[unlikely]] {                        \
      ::base::check_failed(__FILE__, __LINE__, #condition); \
    }                                                       \
  } while (false)

#ifdef NDEBUG
#define DCHECK(condition) \
  do {                    \
  } while (false)
#else
#define DCHECK(condition) CHECK(condition)
#endif
