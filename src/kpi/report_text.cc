// The overview as text.

#include "base/text.h"
#include "json/writer.h"
#include "kpi/report.h"
#include "kpi/text_table.h"

#include <fmt/format.h>

namespace kpi {
namespace {

void write_value(json::Writer& out, const Value& value) {
  out.raw(is_null(value) ? "null" : to_text(value));
}

std::string change_text(std::optional<double> change) {
  return change ? fmt::format("{:+.1f}%", *change * 100) : "-";
}

std::string value_text(const Value& value) { return is_null(value) ? "-" : short_text(value); }

std::optional<double> change_of(const ReportEvent& event) {
  if (event.before == 0) {
    return std::nullopt;
  }
  return static_cast<double>(event.count) / static_cast<double>(event.before) - 1;
}

void write_change(json::Writer& out, std::optional<double> change) {
  out.key("change");
  change ? out.number(*change) : out.null();
}

}  // namespace

std::string to_json(const Report& report) {
  json::Writer out;
  out.begin_object().key("app_id").string(report.app_id);
  out.key("start_date").string(date_of(report.range.first));
  out.key("end_date").string(date_of(report.range.last));
  out.key("before").begin_object();
  out.key("start_date").string(date_of(report.before.first));
  out.key("end_date").string(date_of(report.before.last)).end_object();
  out.key("numbers").begin_array();
  for (const ReportLine& line : report.lines) {
    out.begin_object().key("key").string(line.key).key("name").string(line.name);
    out.key("unit").string(unit_name(line.unit));
    if (line.unit == Unit::kCurrency) {
      out.key("currency").string(line.currency);
    }
    write_value(out.key("value"), line.value);
    write_value(out.key("before"), line.before);
    write_change(out, line.change);
    out.end_object();
  }
  out.end_array().key("events").begin_array();
  for (const ReportEvent& event : report.events) {
    out.begin_object().key("name").string(event.name).key("count").integer(event.count);
    out.key("before").integer(event.before);
    write_change(out, change_of(event));
    out.end_object();
  }
  out.end_array();
  return std::move(out.end_object()).text();
}

std::string to_table(const Report& report) {
  std::string out =
      fmt::format("{}: {} to {}, before: {} to {}\n\n", base::printable(report.app_id),
                  date_of(report.range.first), date_of(report.range.last),
                  date_of(report.before.first), date_of(report.before.last));
  TextTable numbers({"", "now", "before", "change"}, 1);
  for (const ReportLine& line : report.lines) {
    const std::string name =
        line.currency.empty() ? line.name : fmt::format("{}, {}", line.name, line.currency);
    numbers.add({name, value_text(line.value), value_text(line.before), change_text(line.change)},
                0);
  }
  out.append(numbers.text(0));
  if (!report.events.empty()) {
    TextTable events({"event", "now", "before", "change"}, 1);
    for (const ReportEvent& event : report.events) {
      events.add({event.name, std::to_string(event.count), std::to_string(event.before),
                  change_text(change_of(event))},
                 0);
    }
    out.append("\n").append(events.text(0));
  }
  return out;
}

}  // namespace kpi
