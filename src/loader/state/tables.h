#pragma once
// The parts of the state that SQL sees as tables: persons (behind `user` and `users`), and which
// rejected records were replayed (the view rejected_event leaves them out). Each scan reads with a
// connection of its own, one consistent moment, beside the loader that goes on writing.

#include "base/result.h"
#include "store/store.h"

#include <memory>
#include <string>
#include <vector>

namespace loader::state {

/// "user_rows": app_id, api, user_pseudo_id, user_id, user_id_kind, identities, user_properties,
/// first_seen, last_seen, events, platform, country_code, first_touch_time, first_touch,
/// journal_position. `path` is State::path().
std::shared_ptr<store::VirtualTable> users_table(std::string path);

/// "replayed_rejections": journal_position, record_index, replayed_by.
std::shared_ptr<store::VirtualTable> replayed_table(std::string path);

}  // namespace loader::state
