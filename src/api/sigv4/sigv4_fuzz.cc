// Any request against the verifier: no crash, and nothing is accepted without the secret.

#include "api/sigv4/verifier.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using api::sigv4::Secret;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const auto take = [&rest](char end) {
    const std::string_view piece = rest.substr(0, rest.find(end));
    rest.remove_prefix(std::min(piece.size() + 1, rest.size()));
    return piece;
  };
  api::sigv4::Request request;
  request.method = "POST";
  request.path = take('?');
  request.query = take('\n');
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  while (!rest.empty() && rest.front() != '\n' && headers.size() < 100) {
    const std::string_view name = take(':');
    headers.emplace_back(name, take('\n'));
  }
  request.headers = headers;
  request.body = rest;
  static api::sigv4::Verifier verifier;
  const api::sigv4::Verdict verdict =
      verifier.verify(request, {"service", "", std::chrono::hours(24 * 365 * 9000)}, base::Time{},
                      [](std::string_view) {
                        return std::optional<Secret>(Secret{"a secret nobody guesses", ""});
                      });
  if (verdict.accepted()) {
    std::abort();
  }
  return 0;
}
