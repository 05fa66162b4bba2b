#include "load/tally.h"

namespace load {

void Tally::add(const Tally& other) {
  for (std::size_t at = 0; at < acknowledged.size(); ++at) {
    acknowledged[at].add(other.acknowledged[at]);
  }
  finished.add(other.finished);
  for (const auto& [status, count] : other.statuses) {
    statuses[status] += count;
  }
  latency.add(other.latency);
  sent.add(other.sent);
  acknowledged_total.add(other.acknowledged_total);
  unanswered.add(other.unanswered);
  unsent += other.unsent;
  pushed_back += other.pushed_back;
  reconnects += other.reconnects;
  request_bytes += other.request_bytes;
  body_bytes += other.body_bytes;
  note_error(other.first_error);
}

}  // namespace load
