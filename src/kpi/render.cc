#include "kpi/render.h"

#include "json/writer.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace kpi {
namespace {

bool is_money(const Answer& answer) { return answer.kpi.unit == Unit::kCurrency; }

void write_value(json::Writer& out, const Value& value) {
  out.raw(is_null(value) ? "null" : to_text(value));
}

void write_points(json::Writer& out, const Answer& answer, const Series& series) {
  if (!is_null(series.total)) {
    write_value(out.key("total"), series.total);
  }
  out.key("values").begin_array();
  for (const Point& point : series.points) {
    out.begin_object().key("date").string(date_of(point.day));
    write_value(out.key("value"), point.value);
    if (is_money(answer)) {
      out.key("currencies").begin_object();
      for (const auto& [currency, value] : point.currencies) {
        write_value(out.key(currency), value);
      }
      out.end_object();
    }
    out.end_object();
  }
  out.end_array();
}

}  // namespace

std::string to_json(const Answer& answer) {
  json::Writer out;
  out.begin_object().key("kpi").string(answer.kpi.path);
  out.key("app_id").string(answer.app_id);
  out.key("start_date").string(date_of(answer.range.first));
  out.key("end_date").string(date_of(answer.range.last));
  out.key("unit").string(unit_name(answer.kpi.unit));
  if (!answer.currency.empty()) {
    out.key("currency").string(answer.currency);
  }
  if (answer.time_zone != "UTC") {
    out.key("time_zone").string(answer.time_zone);
  }
  if (answer.group_by.empty()) {
    write_points(out, answer, answer.series.front());
    return std::move(out.end_object()).text();
  }
  out.key("group_by").string(answer.group_by).key("groups").begin_array();
  for (const Series& series : answer.series) {
    out.begin_object().key("group");
    series.group ? out.string(*series.group) : out.null();
    write_points(out, answer, series);
    out.end_object();
  }
  out.end_array();
  return std::move(out.end_object()).text();
}

}  // namespace kpi
