#pragma once
// The SQL table ingestion_events: the requests as received, read from the journal itself when it is
// asked for, so that there is no second copy.

#include "event/record.h"
#include "io/file_system.h"
#include "store/store.h"

#include <functional>
#include <memory>
#include <string>

namespace loader {

/// "ingestion_rows": app_id, api, received_at, rid, method, path, uri, ip, ua, data,
/// journal_position, kind ("accepted" or "refused"). `data` is the body: text where it is UTF-8,
/// else base64. Lifetime: `files` must outlive the table. `durable` says how far to read.
std::shared_ptr<store::VirtualTable> ingestion_table(io::FileSystem& files,
                                                     std::string journal_folder,
                                                     std::function<event::Position()> durable);

}  // namespace loader
