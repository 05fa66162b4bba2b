#include "api/clevertap/items.h"

#include "json/lenient.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace api::clevertap {
namespace {

struct TextColumn {
  std::string_view key;  ///< As normalized_key() gives it.
  std::string event::Item::* column;
};

// Of several keys for one column the first in this list decides.
constexpr std::array<TextColumn, 16> kTextColumns = {{
    {"itemid", &event::Item::item_id},
    {"productid", &event::Item::item_id},
    {"id", &event::Item::item_id},
    {"sku", &event::Item::item_id},
    {"name", &event::Item::name},
    {"itemname", &event::Item::name},
    {"productname", &event::Item::name},
    {"bookname", &event::Item::name},  // the vendor's own example
    {"title", &event::Item::name},
    {"brand", &event::Item::brand},
    {"category", &event::Item::category},
    {"category2", &event::Item::category2},
    {"category3", &event::Item::category3},
    {"category4", &event::Item::category4},
    {"category5", &event::Item::category5},
    {"currency", &event::Item::currency},
}};

struct NumberColumn {
  std::string_view key;
  event::Double event::Item::* column;
};

constexpr std::array<NumberColumn, 5> kNumberColumns = {{
    {"price", &event::Item::price},
    {"unitprice", &event::Item::price},
    {"amount", &event::Item::price},
    {"quantity", &event::Item::quantity},
    {"qty", &event::Item::quantity},
}};

std::string normalized_key(std::string_view key) {
  std::string out = normalized_name(key);
  std::erase_if(out, [](char c) { return c == '_' || c == '-'; });
  return out;
}

struct NamedValue {
  std::string key;  ///< Normalized.
  json::Value value;
};

json::Value find(const std::vector<NamedValue>& values, std::string_view key) {
  const auto found = std::ranges::find(values, key, &NamedValue::key);
  return found == values.end() ? json::Value() : found->value;
}

event::Item read_item(json::Value item) {
  std::vector<NamedValue> values;
  for (const json::Member member : item.members()) {
    values.push_back({normalized_key(member.key), member.value});
  }
  event::Item out;
  out.properties = json::write(item);
  for (const TextColumn& text : kTextColumns) {
    std::string& column = out.*text.column;
    if (column.empty()) {
      column = json::to_text(find(values, text.key));
    }
  }
  for (const NumberColumn& number : kNumberColumns) {
    event::Double& column = out.*number.column;
    if (!column) {
      column = json::read_double(find(values, number.key));
    }
  }
  return out;
}

}  // namespace

std::vector<event::Item> read_items(json::Value items) {
  std::vector<event::Item> out;
  for (const json::Value item : items.elements()) {
    if (item.is_object()) {
      out.push_back(read_item(item));
    }
  }
  return out;
}

std::string normalized_name(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == ' ' || (c >= '\t' && c <= '\r');
    if (!blank) {
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  return out;
}

}  // namespace api::clevertap
