#pragma once
// How the whole program reports failure: a value or an Error, never an exception across a room's
// border. Member names are those of std::expected, so that a later switch is mechanical. The class
// is [[nodiscard]]: a dropped Status does not compile.

#include "base/check.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace base {

/// What the caller should do about a failure. The HTTP status is the one an API without its own
/// rule answers with.
enum class Code : std::uint8_t {
  kInvalid,       ///< The input is wrong; the same input will fail again (400).
  kUnauthorized,  ///< Credentials are missing or wrong (401, 403).
  kTooLarge,      ///< A size limit was reached (413).
  kLimited,       ///< A rate limit was reached; later it may work (429).
  kUnavailable,   ///< Not now: full disk, full queue, shutting down (503).
  kCorrupt,       ///< Stored bytes are not what was written.
  kNotFound,      ///< The named thing does not exist.
  kExists,        ///< The named thing exists already.
  kIo,            ///< The operating system refused; `os_error` says why.
  kInternal,      ///< A bug, or a third-party library that failed.
};

/// A failure as data. `message` is lower case, without a full stop, names the offending thing and
/// what was expected; it is meant to be shown to a person.
struct Error {
  Code code = Code::kInternal;
  std::string message;
  int os_error = 0;
};

/// A T, or the Error that says why there is none.
template <class T>
class [[nodiscard]] Result {
 public:
  // Implicit on purpose: `return value;` and `return Error{...};` both read naturally.
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

  [[nodiscard]] bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & {
    CHECK(has_value());
    return std::get<0>(state_);
  }
  const T& value() const& {
    CHECK(has_value());
    return std::get<0>(state_);
  }
  T&& value() && {
    CHECK(has_value());
    return std::get<0>(std::move(state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  [[nodiscard]] const Error& error() const& {
    CHECK(!has_value());
    return std::get<1>(state_);
  }
  [[nodiscard]] Error&& error() && {
    CHECK(!has_value());
    return std::get<1>(std::move(state_));
  }

 private:
  std::variant<T, Error> state_;
};

/// Done, or the Error that says why not.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : failed_(true), error_(std::move(error)) {}  // NOLINT

  [[nodiscard]] bool has_value() const { return !failed_; }
  explicit operator bool() const { return has_value(); }
  [[nodiscard]] const Error& error() const {
    CHECK(failed_);
    return error_;
  }

 private:
  bool failed_ = false;
  Error error_;
};

using Status = Result<void>;

/// The Status of a call that worked.
inline Status ok() { return {}; }

/// Makes an Error; `return fail(Code::kInvalid, "port \"" + text + "\" is not a number");`
inline Error fail(Code code, std::string message) { return Error{code, std::move(message), 0}; }

/// Makes a kIo Error (kUnavailable for a full disk) from `errno`'s value: "action: reason".
Error os_fail(std::string_view action, int os_error);

}  // namespace base
