#include "json/tokens.h"

#include <simdjson.h>

namespace json {

const std::size_t Tokens::kPadding = simdjson::SIMDJSON_PADDING;

Tokens::Tokens() = default;
Tokens::~Tokens() = default;

bool Tokens::find(std::string_view text) {
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const simdjson::error_code made =
      simdjson::get_active_implementation()->create_dom_parser_implementation(text.size(), 1,
                                                                              implementation_);
  if (made != simdjson::SUCCESS ||
      implementation_->stage1(bytes, text.size(), simdjson::stage1_mode::regular) !=
          simdjson::SUCCESS) {
    return false;
  }
  offsets_ = {implementation_->structural_indexes.get(), implementation_->n_structural_indexes};
  return true;
}

}  // namespace json
