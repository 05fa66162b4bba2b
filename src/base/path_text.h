#pragma once
// Texts that name files, made fit for readers who may not know how the machine is laid out: reasons
// that leave over HTTP. The log and the commands keep the whole paths.

#include <string>
#include <string_view>

namespace base {

/// `text` with only the last name of each path in it: quoted, or a word that starts with / or a
/// dot: "disk of '/var/lib/data' is full" becomes "disk of 'data' is full".
std::string without_folders(std::string_view text);

}  // namespace base
