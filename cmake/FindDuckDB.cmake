# Finds the DuckDB library and header that tools/get_duckdb.py unpacked, and makes the imported
# target DuckDB::DuckDB. CATCHMENT_DUCKDB_DIR names another folder with lib/ and include/.
set(CATCHMENT_DUCKDB_DIR "${CMAKE_SOURCE_DIR}/build/deps/duckdb" CACHE PATH
    "Folder with lib/libduckdb.so and include/duckdb.h")
find_path(DUCKDB_INCLUDE_DIR duckdb.h PATHS "${CATCHMENT_DUCKDB_DIR}/include" NO_DEFAULT_PATH)
find_library(DUCKDB_LIBRARY duckdb PATHS "${CATCHMENT_DUCKDB_DIR}/lib" NO_DEFAULT_PATH)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(DuckDB
  REQUIRED_VARS DUCKDB_LIBRARY DUCKDB_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "run 'make setup', or set CATCHMENT_DUCKDB_DIR")
if(DuckDB_FOUND AND NOT TARGET DuckDB::DuckDB)
  add_library(DuckDB::DuckDB SHARED IMPORTED)
  set_target_properties(DuckDB::DuckDB PROPERTIES
    IMPORTED_LOCATION "${DUCKDB_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${DUCKDB_INCLUDE_DIR}"
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${DUCKDB_INCLUDE_DIR}")
endif()
