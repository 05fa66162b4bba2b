// The file's bytes go into the program as they are; CATCHMENT_REFERRERS is its path at build time.

#include "enrich/referrer_list.h"

asm(".section .rodata\n"
    ".global catchment_referrers_begin\n"
    ".global catchment_referrers_end\n"
    "catchment_referrers_begin:\n"
    ".incbin \"" CATCHMENT_REFERRERS
    "\"\n"
    "catchment_referrers_end:\n"
    ".byte 0\n"
    ".previous\n");

extern "C" {
extern const char catchment_referrers_begin[];
extern const char catchment_referrers_end[];
}

namespace enrich {

std::string_view built_in_referrers() {
  return {catchment_referrers_begin,
          static_cast<std::size_t>(catchment_referrers_end - catchment_referrers_begin)};
}

}  // namespace enrich
