#include "api/clickstream/items.h"

#include "json/lenient.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace api::clickstream {
namespace {

using event::Item;

struct Preset {
  std::string_view key;
  std::variant<std::string Item::*, event::Double Item::*> field;
};

// `item_id` and `item_name` are accepted by the vendor's job beside the documented names.
constexpr std::array kPresets = std::to_array<Preset>({
    {"id", &Item::item_id},
    {"item_id", &Item::item_id},
    {"name", &Item::name},
    {"item_name", &Item::name},
    {"brand", &Item::brand},
    {"category", &Item::category},
    {"category2", &Item::category2},
    {"category3", &Item::category3},
    {"category4", &Item::category4},
    {"category5", &Item::category5},
    {"price", &Item::price},
    {"quantity", &Item::quantity},
    {"currency", &Item::currency},
    {"creative_name", &Item::creative_name},
    {"creative_slot", &Item::creative_slot},
    {"location_id", &Item::location_id},
});

bool assign(const Preset& preset, json::Value value, Item& item) {
  if (std::string Item::* const* const text = std::get_if<std::string Item::*>(&preset.field)) {
    std::optional<std::string> read = json::read_text(value);
    if (read && (item.**text).empty()) {
      item.** text = *std::move(read);
    }
    return read.has_value();
  }
  const auto field = std::get<event::Double Item::*>(preset.field);
  const std::optional<double> number = json::read_double(value);
  if (number && !(item.*field)) {
    item.*field = number;
  }
  return number.has_value();
}

Item read_item(json::Value value, Marks& marks) {
  Item item;
  std::size_t custom_count = 0;
  for (const json::Member member : value.members()) {
    marks.check_value("item attribute", member.key, member.value, kItemValueCharactersMax);
    const auto preset = std::find_if(kPresets.begin(), kPresets.end(),
                                     [&](const Preset& entry) { return entry.key == member.key; });
    if (preset == kPresets.end()) {
      ++custom_count;
      marks.check_name("item attribute", member.key);
    } else if (!member.value.is_null() && !assign(*preset, member.value, item)) {
      marks.add("item attribute " + std::string(member.key) + " has the wrong type");
    }
  }
  marks.check_count("custom attributes in one item", custom_count, kItemCustomAttributeCountMax);
  if (item.item_id.empty()) {
    marks.add("an item has no id");
  }
  item.properties = json::write(value);
  return item;
}

}  // namespace

bool read_items(json::Value value, Marks& marks, std::vector<Item>& items) {
  if (!value || value.is_null()) {
    return true;
  }
  if (value.is_object()) {
    items.push_back(read_item(value, marks));
    return true;
  }
  if (!value.is_array()) {
    marks.add("member items is not an array");
    return false;
  }
  bool all_read = true;
  marks.check_count("items", value.size(), kItemCountMax);
  for (const json::Value element : value.elements()) {
    if (element.is_object()) {
      items.push_back(read_item(element, marks));
    } else {
      all_read = false;
    }
  }
  if (!all_read) {
    marks.add("an element of items is not an object");
  }
  return all_read;
}

}  // namespace api::clickstream
