#include "store/duckdb/guard.h"

#include "base/text.h"
#include "json/value.h"
#include "store/duckdb/handles.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <string>

namespace store::duckdb {
namespace {

/// Nesting of a statement's syntax tree, and bytes of its text.
constexpr std::size_t kDepthMax = 1'000;
constexpr std::size_t kTextBytesMax = 1U << 20U;

/// Functions in FROM that read nothing but their arguments or the names of what can be queried.
constexpr std::array<std::string_view, 13> kTableFunctions = {
    "unnest",         "range",         "generate_series",  "generate_subscripts",
    "repeat",         "repeat_row",    "json_each",        "json_tree",
    "duckdb_columns", "duckdb_tables", "duckdb_functions", "histogram_values",
    "histogram"};

/// They show settings, paths, or the text of views with the files in it, or write a log.
constexpr std::array<std::string_view, 7> kScalarFunctions = {"current_setting",
                                                              "getenv",
                                                              "json_execute_serialized_sql",
                                                              "json_serialize_plan",
                                                              "pg_get_viewdef",
                                                              "read_text",
                                                              "write_log"};

/// The engine's own tables that may be asked, apart from information_schema.
constexpr std::array<std::string_view, 4> kEngineTables = {"duckdb_columns", "duckdb_tables",
                                                           "duckdb_functions", "pg_tables"};

template <std::size_t kSize>
bool holds(const std::array<std::string_view, kSize>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

base::Error refused(std::string_view what, std::string_view name) {
  return base::fail(base::Code::kInvalid,
                    std::string(what) + " \"" + std::string(name) + "\" is not allowed");
}

base::Status check_table(std::string_view schema, std::string_view written) {
  const std::string name = base::lower_case(written);
  // A file's name in place of a table makes the engine read that file, if it knows its kind by what
  // comes behind a dot (".csv", ".tsv.gz", ".jsonl.zst", ...). No table of ours has a dot.
  if (name.find_first_of("/\\*.") != std::string::npos) {
    return refused("reading the file", written);
  }
  const bool engines = name.starts_with("duckdb_") || name.starts_with("pg_") ||
                       name.starts_with("sqlite_") || name.starts_with("pragma_");
  if ((engines && !holds(kEngineTables, name)) ||
      (base::lower_case(schema) == "information_schema" && name == "views")) {
    return refused("the table", written);
  }
  return base::ok();
}

/// One object of the syntax tree, without what is in it.
base::Status check_node(json::Value node) {
  const std::string_view type = node["type"].string().value_or("");
  if (type == "TABLE_FUNCTION") {
    const std::string_view name = node["function"]["function_name"].string().value_or("");
    if (!holds(kTableFunctions, base::lower_case(name))) {
      return refused("the table function", name);
    }
  } else if (type == "BASE_TABLE" || type == "SHOW_REF") {
    return check_table(node["schema_name"].string().value_or(""),
                       node["table_name"].string().value_or(""));
  } else if (node["class"].string() == "FUNCTION") {
    const std::string_view name = node["function_name"].string().value_or("");
    if (holds(kScalarFunctions, base::lower_case(name))) {
      return refused("the function", name);
    }
  }
  return base::ok();
}

base::Status check_tree(json::Value value) {
  if (value.is_array()) {
    for (const json::Value element : value.elements()) {
      if (auto allowed = check_tree(element); !allowed) {
        return allowed;
      }
    }
  } else if (value.is_object()) {
    if (auto allowed = check_node(value); !allowed) {
      return allowed;
    }
    for (const json::Member& member : value.members()) {
      if (auto allowed = check_tree(member.value); !allowed) {
        return allowed;
      }
    }
  }
  return base::ok();
}

/// The first word after white space, comments and parentheses, lower case: for messages.
std::string first_word(std::string_view sql) {
  while (!sql.empty()) {
    if (std::isspace(static_cast<unsigned char>(sql[0])) != 0 || sql[0] == '(') {
      sql.remove_prefix(1);
    } else if (sql.starts_with("--")) {
      sql.remove_prefix(std::min(sql.find('\n'), sql.size()));
    } else if (sql.starts_with("/*")) {
      const std::size_t end = sql.find("*/", 2);
      sql.remove_prefix(end == std::string_view::npos ? sql.size() : end + 2);
    } else {
      break;
    }
  }
  const auto end = std::ranges::find_if(sql, [](unsigned char c) { return std::isalpha(c) == 0; });
  return base::lower_case(sql.substr(0, static_cast<std::size_t>(end - sql.begin())));
}

/// The statement's syntax tree as the engine writes it.
base::Result<std::string> syntax_tree(duckdb_connection connection, std::string_view sql) {
  Prepared prepared;
  QueryOutcome outcome;
  if (duckdb_prepare(connection, "SELECT json_serialize_sql($1::VARCHAR)", prepared.out()) !=
          DuckDBSuccess ||
      duckdb_bind_varchar_length(prepared.get(), 1, sql.data(), sql.size()) != DuckDBSuccess ||
      duckdb_execute_prepared(prepared.get(), outcome.out()) != DuckDBSuccess) {
    const char* message = duckdb_result_error(outcome.out());
    return base::fail(base::Code::kInvalid, message != nullptr ? message : "no syntax tree");
  }
  const DataChunk chunk(duckdb_fetch_chunk(outcome.get()));
  if (!chunk || duckdb_data_chunk_get_size(chunk.get()) != 1) {
    return base::fail(base::Code::kInternal, "the engine gave no syntax tree");
  }
  auto* text = static_cast<duckdb_string_t*>(
      duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk.get(), 0)));
  return std::string(duckdb_string_t_data(text), duckdb_string_t_length(*text));
}

}  // namespace

base::Status check_statement(duckdb_connection connection, std::string_view sql) {
  if (sql.size() > kTextBytesMax) {
    return base::fail(base::Code::kInvalid,
                      "the query is longer than " + std::to_string(kTextBytesMax) + " bytes");
  }
  if (sql.find('\0') != std::string_view::npos) {
    return base::fail(base::Code::kInvalid, "the query contains a NUL byte");
  }
  const auto text = syntax_tree(connection, sql);
  if (!text) {
    return text.error();
  }
  json::Limits limits;
  limits.depth_max = kDepthMax;
  const auto tree = json::Document::parse(*text, limits);
  if (!tree) {
    return base::fail(base::Code::kInvalid, "the query is nested too deeply");
  }
  const json::Value root = tree->root();
  if (root["error"].boolean().value_or(false)) {
    if (root["error_type"].string() != "not implemented") {
      return base::fail(base::Code::kInvalid,
                        std::string(root["error_message"].string().value_or("syntax error")));
    }
    return base::fail(base::Code::kInvalid,
                      "only SELECT is allowed, found \"" + first_word(sql) + "\"");
  }
  const std::size_t statements = root["statements"].size();
  if (statements != 1) {
    return base::fail(base::Code::kInvalid, statements == 0
                                                ? "the query is empty"
                                                : "exactly one statement is allowed, found " +
                                                      std::to_string(statements));
  }
  return check_tree(root["statements"]);
}

}  // namespace store::duckdb
