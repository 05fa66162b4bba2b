#include "api/sigv4/key_cache.h"

namespace api::sigv4 {
namespace {

std::string entry_name(std::string_view access_key_id, const Scope& scope) {
  std::string name(access_key_id);
  name += '\0';
  name += to_text(scope);
  return name;
}

}  // namespace

std::optional<codec::Digest> KeyCache::find(std::string_view access_key_id, std::string_view secret,
                                            const Scope& scope) {
  const std::string name = entry_name(access_key_id, scope);
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(name);
  if (found == entries_.end() || found->second.secret != secret) {
    return std::nullopt;
  }
  return found->second.key;
}

void KeyCache::put(std::string_view access_key_id, std::string_view secret, const Scope& scope,
                   const codec::Digest& key) {
  std::string name = entry_name(access_key_id, scope);
  const std::lock_guard lock(mutex_);
  if (entries_.size() >= entries_max_ && !entries_.contains(name)) {
    make_room_locked(scope.date);
  }
  entries_.insert_or_assign(std::move(name), Entry{std::string(secret), scope.date, key});
}

std::size_t KeyCache::size() {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

void KeyCache::make_room_locked(std::string_view date) {
  std::erase_if(entries_, [date](const auto& entry) { return entry.second.date != date; });
  if (entries_.size() >= entries_max_) {
    entries_.clear();
  }
}

}  // namespace api::sigv4
