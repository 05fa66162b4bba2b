#pragma once
// For calls into third-party code.

#include "base/result.h"

#include <exception>

namespace loader {

/// What third-party code throws, as an error.
template <class Work>
auto guarded(const Work& work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::exception& error) {
    return base::fail(base::Code::kInternal, error.what());
  }
}

}  // namespace loader
