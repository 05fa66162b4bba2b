# room(NAME journal [PATH api/clickstream] SOURCES a.cc b.cc HEADERS a.h b.h
#      DEPS base io LIBS PkgConfig::zstd TESTS a_test.cc BENCHES a_bench.cc
#      FUZZERS a_fuzz.cc PROGRAM main.cc)
#
# One folder under src/ is one room is one static library: target catchment_<name>, alias
# catchment::<name>. DEPS are the rooms it may include; LIBS the third-party targets it owns.
# Every room also gets one test program, catchment_<name>_test, from its TESTS.
# DEPS are written to build/<preset>/rooms/<name>.deps, which tools/tidy.py holds against the
# includes in the sources.
if(CATCHMENT_FUZZ)
  add_custom_target(fuzzers)  # all of them, and nothing else
endif()

# The program and the benchmarks are optimized as a whole, from objects that hold both what that
# needs and code for the tests, which are linked in a moment.
set(whole_objects "$<$<BOOL:${CATCHMENT_WHOLE}>:-flto=auto;-ffat-lto-objects>")
set(whole_link "$<$<BOOL:${CATCHMENT_WHOLE}>:-flto=auto>")
set(parts_link "$<$<BOOL:${CATCHMENT_WHOLE}>:-fno-lto>")

# The first library that has malloc is the one everybody uses.
set(malloc_library "$<$<BOOL:${CATCHMENT_MIMALLOC}>:mimalloc>")

function(room)
  cmake_parse_arguments(ROOM "" "NAME" "SOURCES;HEADERS;DEPS;LIBS;PRIVATE_LIBS;TESTS;BENCHES;FUZZERS;PROGRAM;TEST_LIBS;TEST_DEPS" ${ARGN})
  set(target catchment_${ROOM_NAME})
  set(deps ${ROOM_DEPS})
  list(TRANSFORM deps PREPEND catchment::)
  if(ROOM_SOURCES)
    add_library(${target} STATIC ${ROOM_SOURCES})
    set(scope PUBLIC)
    target_link_libraries(${target} PRIVATE catchment_warnings ${ROOM_PRIVATE_LIBS})
    target_compile_options(${target} PRIVATE ${whole_objects})
    if(CATCHMENT_FUZZ)
      target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
    endif()
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(catchment::${ROOM_NAME} ALIAS ${target})
  target_sources(${target} ${scope} FILE_SET HEADERS BASE_DIRS "${CMAKE_SOURCE_DIR}/src"
                 FILES ${ROOM_HEADERS})
  target_include_directories(${target} ${scope} "${CMAKE_SOURCE_DIR}/src")
  target_link_libraries(${target} ${scope} ${deps} ${ROOM_LIBS} Threads::Threads)
  file(WRITE "${CMAKE_BINARY_DIR}/rooms/${ROOM_NAME}.deps" "${ROOM_DEPS}\n")

  if(CATCHMENT_TESTS AND ROOM_TESTS)
    set(test_deps ${ROOM_TEST_DEPS})
    list(TRANSFORM test_deps PREPEND catchment::)
    add_executable(${target}_test ${ROOM_TESTS})
    target_link_libraries(${target}_test PRIVATE ${target} ${test_deps} ${ROOM_TEST_LIBS}
                          catchment_warnings GTest::gmock GTest::gtest_main)
    # What is tested is worth optimizing; the tests themselves build in half the time.
    target_compile_options(${target}_test PRIVATE -O0)
    target_link_options(${target}_test PRIVATE ${parts_link})
    gtest_discover_tests(${target}_test DISCOVERY_MODE PRE_TEST PROPERTIES LABELS unit)
  endif()
  if(ROOM_PROGRAM)
    add_executable(${PROJECT_NAME} ${ROOM_PROGRAM})
    target_link_libraries(${PROJECT_NAME} PRIVATE ${malloc_library} ${target} catchment_warnings)
    target_link_options(${PROJECT_NAME} PRIVATE ${whole_link})
    set_target_properties(${PROJECT_NAME} PROPERTIES
                          RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
  endif()
  if(CATCHMENT_BENCHES AND ROOM_BENCHES)
    find_package(benchmark REQUIRED)
    add_executable(${target}_bench ${ROOM_BENCHES})
    target_link_libraries(${target}_bench PRIVATE ${malloc_library} ${target} catchment_warnings
                          benchmark::benchmark_main)
    target_link_options(${target}_bench PRIVATE ${whole_link})
  endif()
  # a_fuzz.cc is one libFuzzer program, catchment_<name>_a_fuzz; in the other builds it becomes
  # catchment_<name>_a_replay, which runs the target over files it is given.
  foreach(source ${ROOM_FUZZERS})
    cmake_path(GET source STEM stem)
    if(CATCHMENT_FUZZ)
      add_executable(${target}_${stem} ${source})
      target_link_options(${target}_${stem} PRIVATE -fsanitize=fuzzer)
      add_dependencies(fuzzers ${target}_${stem})
    elseif(CATCHMENT_TESTS AND NOT CATCHMENT_SANITIZE)
      string(REGEX REPLACE "_fuzz$" "_replay" stem ${stem})
      add_executable(${target}_${stem} ${source} "${CMAKE_SOURCE_DIR}/tests/fuzz/replay.cc")
      target_link_options(${target}_${stem} PRIVATE ${parts_link})
    else()
      continue()
    endif()
    target_link_libraries(${target}_${stem} PRIVATE ${target} ${ROOM_PRIVATE_LIBS} catchment_warnings)
  endforeach()
endfunction()
