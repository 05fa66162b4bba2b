#include "metrics/exposition.h"

#include <gtest/gtest.h>

namespace metrics {
namespace {

TEST(Exposition, WritesFamiliesWithTheirSamples) {
  Exposition out;
  out.counter("loader_events_total", "Events by outcome.");
  out.sample(3, {{"app", "a\"b\\c\nd"}, {"outcome", "stored"}}).sample(1);
  out.gauge("journal_disk_free_bytes", "Free disk.").sample(18446744073709551615ULL);
  EXPECT_EQ(std::move(out).text(),
            "# HELP catchment_loader_events_total Events by outcome.\n"
            "# TYPE catchment_loader_events_total counter\n"
            "catchment_loader_events_total{app=\"a\\\"b\\\\c\\nd\",outcome=\"stored\"} 3\n"
            "catchment_loader_events_total 1\n"
            "# HELP catchment_journal_disk_free_bytes Free disk.\n"
            "# TYPE catchment_journal_disk_free_bytes gauge\n"
            "catchment_journal_disk_free_bytes 18446744073709551615\n");
}

}  // namespace
}  // namespace metrics
