#include "store/duckdb/result.h"

#include <cstring>
#include <string>

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

}  // namespace store::duckdb
