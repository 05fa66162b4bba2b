#include "store/duckdb/result.h"

#include "base/text.h"
#include "json/writer.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace store::duckdb {
namespace {

/// A text the engine allocated.
std::string take_text(char* text) {
  if (text == nullptr) {
    return {};
  }
  std::string out(text);
  duckdb_free(text);
  return out;
}

base::Status add_child(duckdb_logical_type child, ValueType& type) {
  const LogicalType owned(child);
  auto read = value_type(owned.get());
  if (!read) {
    return read.error();
  }
  type.children.push_back(std::move(*read));
  return base::ok();
}

base::Status read_members(duckdb_logical_type logical, ValueType& type) {
  switch (type.id) {
    case DUCKDB_TYPE_LIST: return add_child(duckdb_list_type_child_type(logical), type);
    case DUCKDB_TYPE_ARRAY:
      type.array_size = duckdb_array_type_array_size(logical);
      return add_child(duckdb_array_type_child_type(logical), type);
    case DUCKDB_TYPE_MAP:
      if (auto key = add_child(duckdb_map_type_key_type(logical), type); !key) {
        return key;
      }
      return add_child(duckdb_map_type_value_type(logical), type);
    case DUCKDB_TYPE_STRUCT:
      for (idx_t i = 0; i < duckdb_struct_type_child_count(logical); ++i) {
        type.names.push_back(take_text(duckdb_struct_type_child_name(logical, i)));
        if (auto child = add_child(duckdb_struct_type_child_type(logical, i), type); !child) {
          return child;
        }
      }
      return base::ok();
    case DUCKDB_TYPE_ENUM:
      type.storage = duckdb_enum_internal_type(logical);
      for (std::uint32_t i = 0; i < duckdb_enum_dictionary_size(logical); ++i) {
        type.names.push_back(take_text(duckdb_enum_dictionary_value(logical, i)));
      }
      return base::ok();
    case DUCKDB_TYPE_DECIMAL:
      type.scale = duckdb_decimal_scale(logical);
      type.storage = duckdb_decimal_internal_type(logical);
      return base::ok();
    case DUCKDB_TYPE_VARCHAR:
      type.json = take_text(duckdb_logical_type_get_alias(logical)) == "JSON";
      return base::ok();
    default: return base::ok();
  }
}

bool has_text_form(duckdb_type id) {
  switch (id) {
    case DUCKDB_TYPE_INVALID:
    case DUCKDB_TYPE_UNION:
    case DUCKDB_TYPE_BIT:
    case DUCKDB_TYPE_TIME_TZ:
    case DUCKDB_TYPE_TIME_NS:
    case DUCKDB_TYPE_BIGNUM:
    case DUCKDB_TYPE_ANY: return false;
    default: return true;
  }
}

/// `[{"a":1},{"a":2}]`. Of columns with one name the later ones get _1, _2, ... appended.
class JsonWriter final : public ResultWriter {
 public:
  explicit JsonWriter(std::vector<ResultColumn> columns) : columns_(std::move(columns)) {
    std::set<std::string> taken;
    for (const ResultColumn& column : columns_) {
      std::string name = column.name;
      for (int i = 1; !taken.insert(name).second; ++i) {
        name = column.name + "_" + std::to_string(i);
      }
      keys_.push_back((keys_.empty() ? "{" : ",") + json::quote(name) + ":");
    }
  }

  void row(duckdb_data_chunk chunk, std::uint64_t row) override {
    out_ += out_.size() == 1 ? "\n" : ",\n";
    for (idx_t i = 0; i < columns_.size(); ++i) {
      out_ += keys_[i];
      append_value(columns_[i].type, duckdb_data_chunk_get_vector(chunk, i), row, ValueStyle::kJson,
                   out_);
    }
    out_ += '}';
  }
  [[nodiscard]] std::size_t bytes() const override { return out_.size(); }
  std::string finish() override {
    out_ += out_.size() == 1 ? "]\n" : "\n]\n";
    return std::move(out_);
  }

 private:
  std::vector<ResultColumn> columns_;
  std::vector<std::string> keys_;
  std::string out_ = "[";
};

/// RFC 4180. NULL is an empty field, the empty text is "".
class CsvWriter final : public ResultWriter {
 public:
  explicit CsvWriter(std::vector<ResultColumn> columns) : columns_(std::move(columns)) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      add_field(columns_[i].name, i);
    }
    out_ += "\r\n";
  }

  void row(duckdb_data_chunk chunk, std::uint64_t row) override {
    for (idx_t i = 0; i < columns_.size(); ++i) {
      duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, i);
      if (is_null(vector, row)) {
        out_ += i == 0 ? "" : ",";
        continue;
      }
      field_.clear();
      append_value(columns_[i].type, vector, row, ValueStyle::kPlain, field_);
      add_field(field_, i);
    }
    out_ += "\r\n";
  }
  [[nodiscard]] std::size_t bytes() const override { return out_.size(); }
  std::string finish() override { return std::move(out_); }

 private:
  void add_field(std::string_view text, std::size_t index) {
    if (index > 0) {
      out_ += ',';
    }
    if (text.empty()) {
      out_ += "\"\"";  // an empty text; NULL is no field at all
    } else {
      base::append_csv_field(text, out_);
    }
  }

  std::vector<ResultColumn> columns_;
  std::string out_;
  std::string field_;
};

bool is_number(duckdb_type id) {
  switch (id) {
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER:
    case DUCKDB_TYPE_UBIGINT:
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_UHUGEINT:
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE:
    case DUCKDB_TYPE_DECIMAL: return true;
    default: return false;
  }
}

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// Control characters would break the lines apart, or speak to the terminal.
std::string printable(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7F) {
      out += "\\x";
      out += kHex[byte >> 4U];
      out += kHex[byte & 15U];
    } else {
      out += c;
    }
  }
  return out;
}

/// Columns aligned under their names, numbers to the right, two spaces between.
class TableWriter final : public ResultWriter {
 public:
  explicit TableWriter(std::vector<ResultColumn> columns) : columns_(std::move(columns)) {
    for (const ResultColumn& column : columns_) {
      cells_.push_back(printable(column.name));
      widths_.push_back(code_points(cells_.back()));
    }
  }

  void row(duckdb_data_chunk chunk, std::uint64_t row) override {
    for (idx_t i = 0; i < columns_.size(); ++i) {
      duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, i);
      std::string cell;
      if (is_null(vector, row)) {
        cell = "NULL";
      } else {
        append_value(columns_[i].type, vector, row, ValueStyle::kPlain, cell);
        cell = printable(cell);
      }
      widths_[i] = std::max(widths_[i], code_points(cell));
      bytes_ += cell.size() + 2;
      cells_.push_back(std::move(cell));
    }
  }
  [[nodiscard]] std::size_t bytes() const override { return bytes_; }
  std::string finish() override {
    std::string out;
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      add_cell(cells_[i], i % columns_.size(), out);
      if (i + 1 == columns_.size()) {
        add_rule(out);
      }
    }
    return out;
  }

 private:
  void add_cell(std::string_view cell, std::size_t column, std::string& out) const {
    const std::size_t padding = widths_[column] - code_points(cell);
    const bool last = column + 1 == columns_.size();
    if (is_number(columns_[column].type.id)) {
      out.append(padding, ' ');
      out += cell;
    } else {
      out += cell;
      out.append(last ? 0 : padding, ' ');
    }
    out += last ? "\n" : "  ";
  }
  void add_rule(std::string& out) const {
    for (std::size_t i = 0; i < widths_.size(); ++i) {
      out.append(widths_[i], '-');
      out += i + 1 == widths_.size() ? "\n" : "  ";
    }
  }

  std::vector<ResultColumn> columns_;
  std::vector<std::size_t> widths_;
  std::vector<std::string> cells_;
  std::size_t bytes_ = 0;
};

class RowWriter final : public ResultWriter {
 public:
  RowWriter(RowSink& sink, std::vector<ResultColumn> columns)
      : sink_(sink), columns_(std::move(columns)), fields_(columns_.size()) {
    sink_.begin();
  }

  void row(duckdb_data_chunk chunk, std::uint64_t row) override {
    for (idx_t i = 0; i < columns_.size(); ++i) {
      fields_[i] = field_of(columns_[i].type.id, duckdb_data_chunk_get_vector(chunk, i), row);
    }
    sink_.row(fields_);
  }
  [[nodiscard]] std::size_t bytes() const override { return sink_.bytes(); }
  std::string finish() override { return {}; }

 private:
  static Field field_of(duckdb_type type, duckdb_vector vector, std::uint64_t row) {
    Field out;
    out.null = is_null(vector, row);
    void* data = duckdb_vector_get_data(vector);
    if (out.null) {
      return out;
    }
    if (type == DUCKDB_TYPE_VARCHAR) {
      duckdb_string_t* text = static_cast<duckdb_string_t*>(data) + row;
      out.text = {duckdb_string_t_data(text), duckdb_string_t_length(*text)};
    } else if (type == DUCKDB_TYPE_DOUBLE) {
      out.real = static_cast<double*>(data)[row];
    } else if (type == DUCKDB_TYPE_DATE) {
      out.integer = static_cast<std::int32_t*>(data)[row];
    } else {
      out.integer = static_cast<std::int64_t*>(data)[row];
    }
    return out;
  }

  RowSink& sink_;
  std::vector<ResultColumn> columns_;
  std::vector<Field> fields_;
};

}  // namespace

base::Result<ValueType> value_type(duckdb_logical_type logical) {
  ValueType type;
  type.id = duckdb_get_type_id(logical);
  if (!has_text_form(type.id)) {
    return base::fail(base::Code::kInvalid,
                      "a result column has a type that cannot be shown: cast it to VARCHAR");
  }
  if (auto members = read_members(logical, type); !members) {
    return members.error();
  }
  return type;
}

std::unique_ptr<ResultWriter> make_row_writer(RowSink& sink, std::vector<ResultColumn> columns) {
  return std::make_unique<RowWriter>(sink, std::move(columns));
}

std::unique_ptr<ResultWriter> make_writer(ResultFormat format, std::vector<ResultColumn> columns) {
  switch (format) {
    case ResultFormat::kJson: return std::make_unique<JsonWriter>(std::move(columns));
    case ResultFormat::kCsv: return std::make_unique<CsvWriter>(std::move(columns));
    case ResultFormat::kTable: return std::make_unique<TableWriter>(std::move(columns));
  }
  return nullptr;
}

}  // namespace store::duckdb
