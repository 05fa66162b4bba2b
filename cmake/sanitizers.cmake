# CATCHMENT_SANITIZE=address,undefined (or thread) instruments everything we build; the libraries we
# link are not.
if(CATCHMENT_SANITIZE)
  add_compile_options(-fsanitize=${CATCHMENT_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${CATCHMENT_SANITIZE})
  # Tests that count on the speed of the program ask for less then.
  add_compile_definitions(CATCHMENT_SANITIZED)
  if(CATCHMENT_SANITIZE MATCHES thread AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # GCC warns of Asio's memory fences, which the sanitizer does not follow; the locks beside them
    # it does.
    add_compile_options(-Wno-tsan)
  endif()
endif()
