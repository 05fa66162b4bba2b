# Warnings are errors everywhere in our own code; third-party headers come in as SYSTEM.
add_library(catchment_warnings INTERFACE)
target_compile_options(catchment_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual
  -Wimplicit-fallthrough -Werror
  # A designated initializer that leaves members at their defaults is meant that way.
  -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  # Part of Clang's -Wconversion, not of GCC's, which is the compiler of the program. And the standard
  # library of GCC 12 uses what it deprecates in its own stable_sort and stable_partition.
  target_compile_options(catchment_warnings INTERFACE -Wno-sign-conversion
                         -Wno-deprecated-declarations)
endif()
