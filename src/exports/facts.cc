#include "exports/facts.h"

#include "json/value.h"

namespace exports {

std::string_view AppIds::of(const Row& row, std::string_view fallback) {
  if (!row.of_mobile_analytics()) {
    return fallback;
  }
  const std::string_view context = row.text(Column::kContext);
  if (context != context_) {
    context_ = context;
    app_id_.clear();
    if (const auto document = json::Document::parse(context); document) {
      const json::Value services = document->root()["services"];
      app_id_ = json::to_text(services["mobile_analytics"]["app_id"]);
      if (app_id_.empty()) {
        app_id_ = json::to_text(services["pinpointanalytics"]["app_id"]);
      }
    }
  }
  return app_id_.empty() ? fallback : app_id_;
}

std::string_view cognito_id(const Row& row, const Owner& owner) {
  if (!row.of_mobile_analytics()) {
    return {};
  }
  const std::string_view key = row.text(Column::kAccessKeyId);
  if (key.empty()) {
    return owner.common_cognito_id;
  }
  const auto found = owner.cognito_ids.find(key);
  return found == owner.cognito_ids.end() ? std::string_view() : found->second;
}

void write_text(json::Writer& out, std::string_view key, std::string_view text) {
  if (!text.empty()) {
    out.key(key).string(text);
  }
}

void write_number(json::Writer& out, std::string_view key, std::optional<std::int64_t> number) {
  if (number) {
    out.key(key).integer(*number);
  }
}

void write_attributes(json::Writer& out, const Row& row,
                      const std::function<void(std::string_view)>& each) {
  const Column column = row.of_mobile_analytics() ? Column::kAttributes : Column::kProperties;
  const auto document = json::Document::parse(row.text(column));
  if (!document) {
    return;
  }
  for (const auto [key, value] : document->root().members()) {
    out.key(key).string(json::to_text(value));
    if (each) {
      each(key);
    }
  }
}

void write_metrics(json::Writer& out, const Row& row) {
  const std::string_view metrics = row.text(Column::kMetrics);
  out.key("metrics");
  if (metrics.empty()) {
    out.begin_object().end_object();
  } else {
    out.raw(metrics);
  }
}

}  // namespace exports
