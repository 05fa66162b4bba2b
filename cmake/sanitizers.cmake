# CATCHMENT_SANITIZE=address,undefined (or thread) instruments everything we build.
if(CATCHMENT_SANITIZE)
  add_compile_options(-fsanitize=${CATCHMENT_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${CATCHMENT_SANITIZE})
endif()
if(CATCHMENT_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
