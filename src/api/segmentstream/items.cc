#include "api/segmentstream/items.h"

#include "json/lenient.h"

#include <array>
#include <string>
#include <string_view>

namespace api::segmentstream {
namespace {

using event::Item;

std::string first_text(json::Value product, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    std::optional<std::string> text = json::read_text(product[key]);
    if (text && !text->empty()) {
      return *std::move(text);
    }
  }
  return {};
}

event::Double first_number(json::Value product, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (const event::Double number = json::read_double(product[key])) {
      return number;
    }
  }
  return std::nullopt;
}

// A list of categories, outermost first; since version 1.1.1 of the page's data an array, which the
// SDK joins into one text "A/B" on the wire.
void read_categories(json::Value category, Item& item) {
  if (!category.is_array()) {
    item.category = json::read_text(category).value_or(std::string());
    return;
  }
  constexpr std::array kFields = {&Item::category, &Item::category2, &Item::category3,
                                  &Item::category4, &Item::category5};
  std::size_t index = 0;
  for (const json::Value element : category.elements()) {
    if (index == kFields.size()) {
      return;
    }
    item.*kFields.at(index++) = json::read_text(element).value_or(std::string());
  }
}

// `line` holds a product and how many of it; a bare product is its own line.
Item read_line(json::Value line) {
  const json::Value product = line["product"].is_object() ? line["product"] : line;
  Item item;
  item.item_id = first_text(product, {"id", "skuCode"});
  item.name = first_text(product, {"name"});
  item.brand = first_text(product, {"manufacturer", "brand"});
  read_categories(product["category"], item);
  item.price = first_number(product, {"unitSalePrice", "unitPrice"});
  item.quantity = first_number(line, {"quantity"});
  item.currency = first_text(product, {"currency"});
  item.location_id = first_text(line, {"listId"});
  item.properties = json::write(line);
  return item;
}

void add_line(json::Value line, std::vector<Item>& items) {
  if (line.is_object()) {
    items.push_back(read_line(line));
  }
}

void add_lines(json::Value lines, std::vector<Item>& items) {
  for (const json::Value line : lines.elements()) {
    add_line(line, items);
  }
}

}  // namespace

std::vector<Item> read_items(json::Value event) {
  std::vector<Item> items;
  const json::Value transaction = event["transaction"];
  add_lines((transaction ? transaction : event["cart"])["lineItems"], items);
  if (event["product"].is_object()) {
    items.push_back(read_line(event["product"]));
    if (!items.back().quantity) {
      items.back().quantity = json::read_double(event["quantity"]);
    }
  }
  add_line(event["listItem"], items);
  add_lines(event["listItems"], items);
  return items;
}

}  // namespace api::segmentstream
