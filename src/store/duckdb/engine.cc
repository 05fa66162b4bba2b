#include "store/duckdb/engine.h"

#include "store/duckdb/guard.h"
#include "store/duckdb/result.h"
#include "store/duckdb/scan.h"
#include "store/duckdb/table_sql.h"

#include <malloc.h>

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

/// mimalloc's, in a program that was linked with it: gives back what the calling thread had and has
/// freed. Hot rows are the loader's, who uses their memory for the next.
extern "C" void mi_collect(bool force) __attribute__((weak));

namespace store::duckdb {
namespace {

/// Says which snapshot a connection reads, for as long as it lives.
class Reading {
 public:
  Reading(SnapshotRegistry& registry, duckdb_connection connection,
          std::shared_ptr<const Snapshot> snapshot)
      : registry_(registry) {
    ClientContext context;
    duckdb_connection_get_client_context(connection, context.out());
    id_ = duckdb_client_context_get_connection_id(context.get());
    registry_.set(id_, std::move(snapshot));
  }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  ~Reading() { registry_.remove(id_); }

 private:
  SnapshotRegistry& registry_;
  std::uint64_t id_ = 0;
};

base::Result<Prepared> prepare(duckdb_connection connection, std::string_view sql, bool own) {
  Extracted statements;
  const idx_t count =
      duckdb_extract_statements(connection, std::string(sql).c_str(), statements.out());
  if (count == 0) {
    const char* message = duckdb_extract_statements_error(statements.get());
    return base::fail(base::Code::kInvalid, message != nullptr ? message : "the query is empty");
  }
  if (count != 1) {
    return base::fail(base::Code::kInvalid,
                      "exactly one statement is allowed, found " + std::to_string(count));
  }
  Prepared prepared;
  if (duckdb_prepare_extracted_statement(connection, statements.get(), 0, prepared.out()) !=
      DuckDBSuccess) {
    return base::fail(base::Code::kInvalid, duckdb_prepare_error(prepared.get()));
  }
  if (!own && duckdb_prepared_statement_type(prepared.get()) != DUCKDB_STATEMENT_TYPE_SELECT) {
    return base::fail(base::Code::kInvalid, "only SELECT is allowed");
  }
  if (duckdb_nparams(prepared.get()) != 0) {
    return base::fail(base::Code::kInvalid, "the query has a parameter, which cannot be given");
  }
  return prepared;
}

bool is_nested(const ResultColumn& column) { return !column.type.children.empty(); }

base::Result<std::vector<ResultColumn>> result_columns(duckdb_prepared_statement prepared) {
  std::vector<ResultColumn> columns;
  for (idx_t i = 0; i < duckdb_prepared_statement_column_count(prepared); ++i) {
    const LogicalType logical(duckdb_prepared_statement_column_logical_type(prepared, i));
    auto type = value_type(logical.get());
    if (!type) {
      return type.error();
    }
    const char* name = duckdb_prepared_statement_column_name(prepared, i);
    columns.push_back({name != nullptr ? name : "", std::move(*type)});
    duckdb_free(const_cast<char*>(name));  // NOLINT: the engine allocates it for us
  }
  return columns;
}

base::Status write_rows(duckdb_data_chunk chunk, const QueryLimits& limits, ResultWriter& writer,
                        std::uint64_t& rows) {
  const idx_t size = duckdb_data_chunk_get_size(chunk);
  for (idx_t row = 0; row < size; ++row) {
    if (limits.rows_max != 0 && rows == limits.rows_max) {
      return base::fail(base::Code::kTooLarge,
                        "the result has more than " + std::to_string(limits.rows_max) + " rows");
    }
    writer.row(chunk, row);
    ++rows;
    if (writer.bytes() > limits.text_bytes_max) {
      return base::fail(
          base::Code::kTooLarge,
          "the result is longer than " + std::to_string(limits.text_bytes_max) + " bytes");
    }
  }
  return base::ok();
}

std::string without(std::string text, std::string_view part) {
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part)) {
    text.erase(at, part.size());
  }
  return text;
}

std::string condition_of(const EventRange& range) {
  std::string out = " FROM event WHERE app_id = " + sql_string(range.app_id) +
                    " AND journal_position > " + std::to_string(range.after) +
                    " AND journal_position <= " + std::to_string(range.through);
  if (range.received_from) {
    out += " AND received_at >= make_timestamp(" + std::to_string(*range.received_from) + ")";
  }
  if (range.received_before) {
    out += " AND received_at < make_timestamp(" + std::to_string(*range.received_before) + ")";
  }
  return out;
}

Question own_question(std::string sql, Position through) {
  Question out;
  out.sql = std::move(sql);
  out.own = true;
  out.through = through;
  return out;
}

}  // namespace

Question rows_question(const EventRange& range, std::span<const std::string_view> columns) {
  std::string sql = "SELECT ";
  for (const std::string_view column : columns) {
    sql += (sql.back() == ' ' ? "" : ",") + sql_name(column);
  }
  return own_question(
      sql + condition_of(range) + " ORDER BY journal_position, event_timestamp, event_id",
      range.through);
}

Question copy_question(const EventRange& range, const std::string& path) {
  return own_question("COPY (SELECT *" + condition_of(range) + ") TO " + sql_string(path) +
                          " (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 61440)",
                      range.through);
}

void return_memory() {
  if (mi_collect != nullptr) {
    mi_collect(true);
    return;
  }
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

bool may_be_damage(std::string_view message) {
  const std::string_view kind = message.substr(0, message.find(" Error"));
  return kind == "IO" || kind == "Invalid" || kind == "Serialization" || kind == "INTERNAL";
}

base::Result<std::string> folder_for_engine(std::string_view folder) {
  // The engine takes these characters in a path for patterns, and NAME=VALUE for a column.
  if (folder.find_first_of("*?[=") != std::string::npos) {
    return base::fail(base::Code::kInvalid,
                      "folder \"" + std::string(folder) + "\" must not contain *, ?, [ or =");
  }
  std::string out = std::filesystem::absolute(folder).lexically_normal().string();
  while (out.size() > 1 && out.ends_with('/')) {
    out.pop_back();
  }
  return out;
}

base::Status execute(duckdb_connection connection, const std::string& sql) {
  QueryOutcome outcome;
  if (duckdb_query(connection, sql.c_str(), outcome.out()) == DuckDBSuccess) {
    return base::ok();
  }
  const char* message = duckdb_result_error(outcome.out());
  return base::fail(base::Code::kInternal, message != nullptr ? message : "the engine failed");
}

Engine::Engine(const Options& options) : folder_(options.folder) {}

base::Result<std::unique_ptr<Engine>> Engine::open(
    const Options& options, const std::shared_ptr<const Snapshot>& snapshot) {
  auto engine = std::make_unique<Engine>(options);
  if (auto done = engine->set_up(options, snapshot); !done) {
    return done.error();
  }
  return engine;
}

base::Status Engine::set_up(const Options& options,
                            const std::shared_ptr<const Snapshot>& snapshot) {
  const std::string_view version = duckdb_library_version();
  if (!version.starts_with("v1.4.") && !version.starts_with("v1.5.")) {
    return base::fail(base::Code::kInternal,
                      "libduckdb is " + std::string(version) + ", expected 1.4 or 1.5");
  }
  if (duckdb_open(nullptr, database_.out()) != DuckDBSuccess ||
      duckdb_connect(database_.get(), admin_.out()) != DuckDBSuccess) {
    return base::fail(base::Code::kInternal, "the query engine does not start");
  }
  const std::vector<std::string> settings = {
      "SET GLOBAL threads = " + std::to_string(std::max(1U, options.threads)),
      "SET GLOBAL memory_limit = '" + std::to_string(options.query_memory_bytes) + "B'",
      "SET GLOBAL temp_directory = ''",
      "SET GLOBAL TimeZone = 'UTC'",
      "SET GLOBAL autoinstall_known_extensions = false",
      "SET GLOBAL autoload_known_extensions = false",
      "SET GLOBAL allow_community_extensions = false",
      "SET GLOBAL parquet_metadata_cache = true",
      "SET GLOBAL allowed_directories = [" + sql_string(options.folder + "/") + "]",
      "SET GLOBAL enable_external_access = false",
  };
  for (const std::string& setting : settings) {
    if (auto done = execute(admin_.get(), setting); !done) {
      return done;
    }
  }
  if (auto done = register_hot_tables(admin_.get(), registry_); !done) {
    return done;
  }
  for (const VirtualView& view : options.virtual_tables) {
    if (auto done = register_virtual_table(admin_.get(), view.table); !done) {
      return done;
    }
  }
  if (auto done = publish(snapshot); !done) {
    return done;
  }
  const Reading reading(registry_, admin_.get(), snapshot);
  for (const std::string& statement : derived_view_statements(options)) {
    if (auto done = execute(admin_.get(), statement); !done) {
      return done;
    }
  }
  return execute(admin_.get(), "SET GLOBAL lock_configuration = true");
}

base::Status Engine::publish(std::shared_ptr<const Snapshot> snapshot) {
  const Reading reading(registry_, admin_.get(), snapshot);
  std::vector<std::string> statements = {"BEGIN TRANSACTION"};
  for (const Table table : kTables) {
    statements.push_back(table_view_sql(table, *snapshot));
  }
  statements.emplace_back("COMMIT");
  for (const std::string& statement : statements) {
    if (auto done = execute(admin_.get(), statement); !done) {
      static_cast<void>(execute(admin_.get(), "ROLLBACK"));
      return done;
    }
  }
  return base::ok();
}

base::Result<QueryResult> Engine::run(const Question& question,
                                      std::shared_ptr<const Snapshot> snapshot) {
  Connection connection;
  if (duckdb_connect(database_.get(), connection.out()) != DuckDBSuccess) {
    return base::fail(base::Code::kInternal, "the query engine takes no connection");
  }
  const Reading reading(registry_, connection.get(), std::move(snapshot));
  const Watchdog::Guard guard(watchdog_, connection.get(), question.deadline);
  auto result = run_on(connection.get(), question);
  if (!result && result.error().code != base::Code::kTooLarge) {
    return explain(result.error().message);
  }
  return result;
}

base::Result<QueryResult> Engine::run_on(duckdb_connection connection, const Question& question) {
  // One transaction, so that all tables are bound to views of one generation.
  if (auto begun = execute(connection, "BEGIN TRANSACTION READ ONLY"); !begun) {
    return begun.error();
  }
  if (!question.own) {
    if (auto allowed = check_statement(connection, question.sql); !allowed) {
      return allowed.error();
    }
  }
  auto prepared = prepare(connection, question.sql, question.own);
  if (!prepared) {
    return prepared.error();
  }
  auto columns = result_columns(prepared->get());
  if (!columns) {
    return columns.error();
  }
  // A streamed chunk may hold list items out of order; a materialized one is plain.
  const bool nested = std::ranges::any_of(*columns, is_nested);
  const auto writer = question.sink != nullptr
                          ? make_row_writer(*question.sink, std::move(*columns))
                          : make_writer(question.format, std::move(*columns));
  QueryOutcome outcome;
  if ((nested
           ? duckdb_execute_prepared(prepared->get(), outcome.out())
           : duckdb_execute_prepared_streaming(prepared->get(), outcome.out())) != DuckDBSuccess) {
    return base::fail(base::Code::kInternal, duckdb_result_error(outcome.out()));
  }
  QueryResult result;
  while (const DataChunk chunk = DataChunk(duckdb_fetch_chunk(outcome.get()))) {
    if (auto written = write_rows(chunk.get(), question.limits, *writer, result.rows); !written) {
      return written.error();
    }
  }
  if (const char* message = duckdb_result_error(outcome.out()); message != nullptr) {
    return base::fail(base::Code::kInternal, message);
  }
  result.text = writer->finish();
  return result;
}

/// The engine's message begins with the kind of error; the rest is for a person.
base::Error Engine::explain(std::string_view message) {
  if (message.starts_with("INTERRUPT Error")) {
    return base::fail(base::Code::kUnavailable, "the query ran past its deadline");
  }
  if (message.starts_with("Out of Memory Error")) {
    return base::fail(base::Code::kTooLarge, "the query needs more memory than it may use");
  }
  if (message.starts_with("FATAL Error") || message.starts_with("INTERNAL Error")) {
    broken_ = true;
  }
  // The place in the text is a line of its own, with an arrow under it.
  std::string text(message.substr(0, message.find("\n\nLINE ")));
  std::ranges::replace(text, '\n', ' ');
  return base::fail(base::Code::kInvalid, without(std::move(text), folder_ + "/"));
}

}  // namespace store::duckdb
