# bin/catchment beside lib/libduckdb.so: the program looks for the library relative to itself, so
# that the pair can be moved together. In the build tree it uses the absolute path.
if(TARGET catchment)
  set_target_properties(catchment PROPERTIES INSTALL_RPATH "$ORIGIN/../lib")
  install(TARGETS catchment RUNTIME DESTINATION bin)
  install(FILES "${DUCKDB_LIBRARY}" DESTINATION lib)
endif()
install(FILES "${CMAKE_SOURCE_DIR}/docs/catchment.1" DESTINATION share/man/man1)
