#include "api/clevertap/problem.h"

namespace api::clevertap {
namespace {

Problem coded(std::string_view subject, Code code, std::string_view detail) {
  std::string text(subject);
  text += " is incorrect. ErrorCode: ";
  text += std::to_string(code);
  text += " - ";
  text += detail;
  text += ". ";
  return {code, std::move(text)};
}

Problem plain(std::string_view subject, Code code, std::string_view detail) {
  std::string text(subject);
  text += " is incorrect. ";
  text += detail;
  text += '.';
  return {code, std::move(text)};
}

}  // namespace

Problem event_name_problem(Code code, std::string_view detail) {
  return coded("Event Name", code, detail);
}

Problem event_problem(Code code, std::string_view detail) {
  return coded("Event structure", code, detail);
}

Problem profile_problem(Code code, std::string_view detail) {
  return plain("Profile data", code, detail);
}

Problem token_problem(Code code, std::string_view detail) {
  return plain("Token data", code, detail);
}

std::string error_text(const Problem& problem, std::size_t index) {
  return problem.text + "Skipped record number : " + std::to_string(index + 1);
}

}  // namespace api::clevertap
