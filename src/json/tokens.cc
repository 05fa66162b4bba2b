#include "json/tokens.h"

#include <simdjson.h>

#include <cstdint>

namespace json {

const std::size_t Tokens::kPadding = simdjson::SIMDJSON_PADDING;

Tokens::Tokens() = default;
Tokens::~Tokens() = default;

bool Tokens::find(std::string_view text) {
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const simdjson::error_code made =
      simdjson::get_active_implementation()->create_dom_parser_implementation(text.size(), 1,
                                                                              implementation_);
  return made == simdjson::SUCCESS &&
         implementation_->stage1(bytes, text.size(), simdjson::stage1_mode::regular) ==
             simdjson::SUCCESS;
}

std::size_t Tokens::count() const { return implementation_->n_structural_indexes; }

std::size_t Tokens::offset(std::size_t index) const {
  return implementation_->structural_indexes[index];
}

}  // namespace json
