#include "store/duckdb/table_sql.h"

#include "store/duckdb/scan.h"
#include "store/views/views.h"

#include <algorithm>
#include <array>
#include <map>

namespace store::duckdb {
namespace {

/// Texts of a column are alike but for ids and numbers: level 3 also takes what those share by
/// chance, which makes files a little larger.
constexpr int kLevel = 1;

/// The engine holds a row group in memory before it writes it, and a few copies of what it is given
/// at once: rows of megabytes must not come by the thousand.
constexpr std::string_view kRowGroupBytes = "'32MiB'";

std::string doubled(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    out.append(c == quote ? 2U : 1U, c);
  }
  return out + quote;
}

std::string hot_select_sql(Table table, const Snapshot& snapshot) {
  std::string out = "SELECT ";
  for (const ColumnInfo& column : table_columns(table)) {
    out += (out.back() == ' ' ? "" : ",") + sql_name(column.name);
  }
  return out + " FROM " + hot_function_name(table) + "(" + std::to_string(snapshot.generation) +
         ")";
}

/// What a vendor's view takes from the table behind a view of ours.
struct Feed {
  std::string_view from;
  std::vector<std::string_view> columns;
  std::vector<std::string_view> (*views)();
};

/// The vendors' views over `view`, called `name`; none where it lacks a column they need.
std::vector<std::string_view> views_over(const VirtualView& view, std::string_view name) {
  static const std::array<Feed, 2> kFeeds = {{
      {"users",
       {"api", "user_pseudo_id", "user_id", "user_properties", "identities", "first_seen",
        "last_seen", "first_touch_time", "first_touch"},
       views::clickstream_users},
      {"ingestion_events",
       {"app_id", "api", "received_at", "rid", "method", "path", "uri", "ip", "ua", "data", "kind"},
       views::clickstream_requests},
  }};
  const std::vector<VirtualColumn> columns = view.table->columns();
  const auto has = [&columns](std::string_view column) {
    return std::ranges::find(columns, column, &VirtualColumn::name) != columns.end();
  };
  for (const Feed& feed : kFeeds) {
    if (feed.from == name && std::ranges::all_of(feed.columns, has)) {
      return feed.views();
    }
  }
  return {};
}

bool has_table(const Options& options, std::string_view name) {
  return std::ranges::any_of(options.virtual_tables, [name](const VirtualView& view) {
    return view.table->name() == name;
  });
}

constexpr std::string_view kEveryRejected = "every_rejected_event";

/// The same without what was replayed, as far as there is a table that says so.
std::string rejected_view_sql(const Options& options) {
  constexpr std::string_view kReplayed = "replayed_rejections";
  std::string sql = "CREATE VIEW rejected_event AS SELECT kept.* FROM ";
  sql.append(kEveryRejected).append(" kept");
  if (has_table(options, kReplayed)) {
    sql.append(" ANTI JOIN ")
        .append(kReplayed)
        .append(
            "() gone ON kept.journal_position = gone.journal_position AND "
            "kept.record_index = gone.record_index");
  }
  return sql;
}

}  // namespace

std::string sql_string(std::string_view text) { return doubled(text, '\''); }
std::string sql_name(std::string_view text) { return doubled(text, '"'); }

std::string merged_order(Table table) {
  std::string_view keys;
  switch (table) {
    case Table::kEvent:
      keys =
          "event_name NULLS FIRST, coalesce(user_pseudo_id, user_id) NULLS FIRST, event_timestamp";
      break;
    case Table::kItem: keys = "event_name NULLS FIRST, event_timestamp"; break;
    case Table::kRejected: keys = "code NULLS FIRST, received_at"; break;
  }
  return "app_id NULLS FIRST, " + std::string(keys) + " NULLS FIRST, journal_position";
}

std::string copy_sql(const std::string& select, const std::string& path) {
  return "COPY (" + select + ") TO " + sql_string(path) +
         " (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL " + std::to_string(kLevel) +
         ", ROW_GROUP_SIZE 61440, ROW_GROUP_SIZE_BYTES " + std::string(kRowGroupBytes) + ")";
}

std::string files_select_sql(Table table, const std::vector<std::string>& paths,
                             const std::vector<std::string>& names) {
  std::string out = "SELECT ";
  for (const ColumnInfo& column : table_columns(table)) {
    out += out.back() == ' ' ? "" : ",";
    if (column.name == "event_date") {
      out += "\"date\" AS event_date";
    } else if (std::ranges::find(names, column.name) != names.end()) {
      out += sql_name(column.name);
    } else {
      out += "NULL::" + std::string(event::sql_type(column.type)) + " AS " + sql_name(column.name);
    }
  }
  out += " FROM read_parquet([";
  for (const std::string& path : paths) {
    out += (out.back() == '[' ? "" : ",") + sql_string(path);
  }
  return out + "], hive_partitioning = true, hive_types = {'date': DATE})";
}

std::string table_view_sql(Table table, const Snapshot& snapshot) {
  std::map<std::uint32_t, std::vector<std::string>> by_columns;
  for (const auto& file : *snapshot.files) {
    if (file->entry.table == table) {
      by_columns[file->entry.column_set].push_back(file->path());
    }
  }
  std::string rows;
  for (const auto& [column_set, paths] : by_columns) {
    rows += files_select_sql(table, paths, (*snapshot.column_sets)[column_set]) + " UNION ALL ";
  }
  rows += hot_select_sql(table, snapshot);
  const std::string_view name = table == Table::kRejected ? kEveryRejected : table_name(table);
  return "CREATE OR REPLACE VIEW " + std::string(name) + " AS " + rows;
}

std::vector<std::string> derived_view_statements(const Options& options) {
  std::vector<std::string> out = {rejected_view_sql(options), std::string(views::event_parameter()),
                                  views::session(options.session_inactivity)};
  const auto add = [&out](const std::vector<std::string_view>& statements) {
    out.insert(out.end(), statements.begin(), statements.end());
  };
  add(views::clickstream_schema());
  out.push_back(views::project_id(sql_string(options.clickstream_project_id)));
  add(views::clickstream());
  add(views::clickstream_v1());
  add(views::mobile_analytics(has_table(options, "identity_pool_rows") &&
                              has_table(options, "cognito_rows")));
  for (const VirtualView& view : options.virtual_tables) {
    for (const std::string& name : view.views) {
      out.push_back("CREATE VIEW " + sql_name(name) + " AS FROM " + sql_name(view.table->name()) +
                    "()");
      add(views_over(view, name));
    }
  }
  return out;
}

}  // namespace store::duckdb
