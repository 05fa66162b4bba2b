#include "base/result.h"

#include <cerrno>
#include <system_error>

namespace base {

Error os_fail(std::string_view action, int os_error) {
  const Code code = os_error == ENOSPC || os_error == EDQUOT ? Code::kUnavailable
                    : os_error == ENOENT                     ? Code::kNotFound
                    : os_error == EEXIST                     ? Code::kExists
                                                             : Code::kIo;
  std::string message(action);
  message += ": ";
  message += std::generic_category().message(os_error);
  return Error{code, std::move(message), os_error};
}

}  // namespace base
