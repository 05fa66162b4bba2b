// The file's bytes go into the program as they are; CATCHMENT_UAP_RULES is its path at build time.

#include "enrich/rules_file.h"

asm(".section .rodata\n"
    ".global catchment_uap_rules_begin\n"
    ".global catchment_uap_rules_end\n"
    "catchment_uap_rules_begin:\n"
    ".incbin \"" CATCHMENT_UAP_RULES
    "\"\n"
    "catchment_uap_rules_end:\n"
    ".byte 0\n"
    ".previous\n");

extern "C" {
extern const char catchment_uap_rules_begin[];
extern const char catchment_uap_rules_end[];
}

namespace enrich {

std::string_view built_in_rules() {
  return {catchment_uap_rules_begin,
          static_cast<std::size_t>(catchment_uap_rules_end - catchment_uap_rules_begin)};
}

}  // namespace enrich
