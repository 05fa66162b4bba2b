#include "loader/person/person.h"

#include "json/value.h"
#include "json/writer.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace loader::person {
namespace {

using event::PropertyChange;
using event::PropertyOp;

/// A value may be as deep as a decoder accepts, and lies two levels down in what we keep.
constexpr json::Limits kStoredLimits{.depth_max = 256, .values_max = 2'000'000};

/// The elements of a list as JSON texts. A scalar counts as a list of its text, as clevertap
/// promotes it.
std::vector<std::string> elements_of(std::string_view value_json) {
  std::vector<std::string> elements;
  auto document = json::Document::parse(value_json, kStoredLimits);
  if (!document) {
    return elements;
  }
  const json::Value root = document->root();
  if (root.is_array()) {
    for (const json::Value element : root.elements()) {
      elements.push_back(json::write(element));
    }
  } else if (!root.is_null()) {
    elements.push_back(json::quote(json::to_text(root)));
  }
  return elements;
}

std::string list_to_json(const std::vector<std::string>& elements) {
  std::string text = "[";
  for (const std::string& element : elements) {
    text += text.size() > 1 ? "," : "";
    text += element;
  }
  return text + "]";
}

bool holds(const std::vector<std::string>& list, const std::string& element) {
  return std::find(list.begin(), list.end(), element) != list.end();
}

std::string add_to_list(std::string_view list_json, std::string_view added_json) {
  std::vector<std::string> list = elements_of(list_json);
  for (std::string& element : elements_of(added_json)) {
    if (!holds(list, element)) {
      list.push_back(std::move(element));
    }
  }
  if (list.size() > kListMax) {
    list.erase(list.begin(), list.end() - static_cast<std::ptrdiff_t>(kListMax));
  }
  return list_to_json(list);
}

/// Empty when nothing is left.
std::string remove_from_list(std::string_view list_json, std::string_view removed_json) {
  std::vector<std::string> list = elements_of(list_json);
  const std::vector<std::string> removed = elements_of(removed_json);
  std::erase_if(list, [&](const std::string& element) { return holds(removed, element); });
  return list.empty() ? std::string() : list_to_json(list);
}

/// Nothing when one of them is no number; whole numbers stay whole as long as they fit.
std::optional<std::string> add_numbers(std::string_view left_json, std::string_view right_json) {
  auto left = json::Document::parse(left_json);
  auto right = json::Document::parse(right_json);
  if (!left || !right || !left->root().is_number() || !right->root().is_number()) {
    return std::nullopt;
  }
  std::int64_t sum = 0;
  if (left->root().is_integer() && right->root().is_integer() &&
      !__builtin_add_overflow(*left->root().integer(), *right->root().integer(), &sum)) {
    return std::to_string(sum);
  }
  const double total = *left->root().number() + *right->root().number();
  if (!std::isfinite(total)) {
    return std::nullopt;
  }
  return json::Writer().number(total).text();
}

/// The value `change` makes of `old` ("" when there is none); "" when the property is to go.
std::string changed_value(const PropertyChange& change, const std::string& old) {
  switch (change.op) {
    case PropertyOp::kSet: return change.value_json;
    case PropertyOp::kAdd: return add_to_list(old.empty() ? "[]" : old, change.value_json);
    case PropertyOp::kRemove:
      return old.empty() ? std::string() : remove_from_list(old, change.value_json);
    case PropertyOp::kIncrement:
      return add_numbers(old.empty() ? "0" : old, change.value_json).value_or(old);
    case PropertyOp::kDelete: return {};
  }
  return old;
}

std::size_t bytes_of_all(const std::vector<Property>& properties) {
  std::size_t bytes = 0;
  for (const Property& property : properties) {
    bytes += property.key.size() + property.value_json.size();
  }
  return bytes;
}

std::size_t bytes_of_all(const std::vector<event::Identity>& identities) {
  std::size_t bytes = 0;
  for (const event::Identity& identity : identities) {
    bytes += identity.kind.size() + identity.value.size();
  }
  return bytes;
}

}  // namespace

std::uint64_t bytes_of(const Person& person) {
  std::uint64_t bytes = sizeof(Person) + person.first_touch.capacity() + person.user_id.capacity() +
                        person.user_pseudo_id.capacity() +
                        person.properties.capacity() * sizeof(Property) +
                        person.identities.capacity() * sizeof(event::Identity);
  for (const Property& property : person.properties) {
    bytes += property.key.capacity() + property.value_json.capacity();
  }
  for (const event::Identity& identity : person.identities) {
    bytes += identity.kind.capacity() + identity.value.capacity();
  }
  return bytes;
}

bool fit(const std::vector<event::Identity>& some, const std::vector<event::Identity>& more) {
  return some.size() + more.size() <= kIdentitiesMax &&
         bytes_of_all(some) + bytes_of_all(more) <= kPartsBytesMax;
}

bool apply_change(const PropertyChange& change, std::vector<Property>& properties) {
  const auto at = std::lower_bound(
      properties.begin(), properties.end(), change.key,
      [](const Property& property, const std::string& key) { return property.key < key; });
  const bool known = at != properties.end() && at->key == change.key;
  if (!known) {
    if (properties.size() >= kPropertiesMax) {
      return false;
    }
    std::string value = changed_value(change, {});
    if (value.empty() ||
        bytes_of_all(properties) + change.key.size() + value.size() > kPartsBytesMax) {
      return false;
    }
    properties.insert(at, Property{change.key, std::move(value), change.set_time_ms});
    return true;
  }
  const bool timed = change.op == PropertyOp::kSet || change.op == PropertyOp::kDelete;
  if (timed && change.set_time_ms < at->set_time_ms) {
    return false;
  }
  std::string value = changed_value(change, at->value_json);
  if (value.empty()) {
    properties.erase(at);
    return true;
  }
  if (value.size() > at->value_json.size() &&
      bytes_of_all(properties) + value.size() - at->value_json.size() > kPartsBytesMax) {
    return false;
  }
  const std::int64_t set_time_ms = std::max(at->set_time_ms, change.set_time_ms);
  if (value == at->value_json && set_time_ms == at->set_time_ms) {
    return false;
  }
  at->value_json = std::move(value);
  at->set_time_ms = set_time_ms;
  return true;
}

void merge_properties(const std::vector<Property>& from, std::vector<Property>& into) {
  for (const Property& property : from) {
    const auto known = std::find_if(into.begin(), into.end(), [&](const Property& candidate) {
      return candidate.key == property.key;
    });
    PropertyChange change{property.key, PropertyOp::kSet, property.value_json,
                          property.set_time_ms};
    if (known != into.end()) {
      if (!property.value_json.starts_with('[') || !known->value_json.starts_with('[')) {
        continue;
      }
      change.op = PropertyOp::kAdd;
    }
    apply_change(change, into);
  }
}

std::string properties_to_json(const std::vector<Property>& properties) {
  json::Writer writer;
  writer.begin_object();
  for (const Property& property : properties) {
    writer.key(property.key).begin_object();
    writer.key("value").raw(property.value_json);
    writer.key("set_time_msec").integer(property.set_time_ms).end_object();
  }
  writer.end_object();
  return std::move(writer).text();
}

std::string identities_to_json(const std::vector<event::Identity>& identities) {
  json::Writer writer;
  writer.begin_array();
  for (const event::Identity& identity : identities) {
    writer.begin_object();
    writer.key("kind").string(identity.kind).key("value").string(identity.value).end_object();
  }
  writer.end_array();
  return std::move(writer).text();
}

bool is_device_kind(std::string_view kind) { return kind == "device" || kind == "objectid"; }

}  // namespace loader::person
