#include "loader/state/person_store.h"

#include <algorithm>
#include <utility>

namespace loader::state {
namespace {

constexpr const char* kSchema =
    "CREATE TABLE IF NOT EXISTS person("
    "id INTEGER PRIMARY KEY, app_id TEXT, api INTEGER, user_pseudo_id TEXT, user_id TEXT,"
    "user_id_kind TEXT, user_id_time INTEGER, identities TEXT, user_properties TEXT,"
    "first_seen INTEGER, last_seen INTEGER, events INTEGER, platform TEXT, country_code TEXT,"
    "first_touch TEXT, first_touch_time INTEGER, journal_position INTEGER);"
    "CREATE TABLE IF NOT EXISTS identity(key TEXT PRIMARY KEY, person INTEGER) WITHOUT ROWID;";

constexpr std::string_view kWritePerson =
    "INSERT OR REPLACE INTO person VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
constexpr std::string_view kFindPerson =
    "SELECT app_id, api, user_pseudo_id, user_id, user_id_kind, user_id_time, identities,"
    "user_properties, first_seen, last_seen, events, platform, country_code, first_touch,"
    "first_touch_time, journal_position FROM person WHERE id = ?";

/// Memory a person takes, roughly.
std::uint64_t bytes_of(const Person& person) {
  std::uint64_t bytes = 600 + person.first_touch.size();
  for (const Property& property : person.properties) {
    bytes += 100 + property.key.size() + property.value_json.size();
  }
  for (const event::Identity& identity : person.identities) {
    bytes += 80 + identity.value.size();
  }
  return bytes;
}

Person read_person(const Statement& row, std::int64_t id) {
  Person person;
  person.id = id;
  person.app_id = row.text(0);
  person.api = static_cast<event::Api>(row.integer(1));
  person.user_pseudo_id = row.text(2);
  person.user_id = row.text(3);
  person.user_id_kind = row.text(4);
  person.user_id_time_us = row.integer(5);
  person.identities = identities_from_json(row.text(6));
  person.properties = properties_from_json(row.text(7));
  person.first_seen_us = row.integer(8);
  person.last_seen_us = row.integer(9);
  person.events = row.integer(10);
  person.platform = row.text(11);
  person.country_code = row.text(12);
  person.first_touch = row.text(13);
  person.first_touch_us = row.integer(14);
  person.position = static_cast<event::Position>(row.integer(15));
  return person;
}

base::Status prepare_one(Database& database, std::string_view sql, Statement& statement) {
  auto prepared = database.prepare(sql);
  if (!prepared) {
    return prepared.error();
  }
  statement = std::move(*prepared);
  return base::ok();
}

}  // namespace

std::string IdentityKey::text() const {
  std::string out;
  write(out);
  return out;
}

void IdentityKey::write(std::string& out) const {
  constexpr std::size_t kNumbersMax = 24;
  out.clear();
  out.reserve(app_id.size() + kind.size() + value.size() + kNumbersMax);
  out.append(std::to_string(static_cast<int>(api))).append(":");
  out.append(std::to_string(app_id.size())).append(":").append(app_id);
  out.append(":").append(kind).append(":").append(value);
}

const char* PersonStore::schema() { return kSchema; }

base::Result<std::unique_ptr<PersonStore>> PersonStore::open(Database& database,
                                                             std::uint64_t cache_bytes) {
  auto store = std::make_unique<PersonStore>(database, cache_bytes);
  if (auto prepared = store->prepare(); !prepared) {
    return prepared.error();
  }
  return store;
}

base::Status PersonStore::prepare() {
  const std::pair<std::string_view, Statement*> statements[] = {
      {"SELECT person FROM identity WHERE key = ?", &find_identity_},
      {kFindPerson, &find_person_},
      {"INSERT OR REPLACE INTO identity VALUES(?, ?)", &write_identity_},
      {kWritePerson, &write_person_},
      {"DELETE FROM person WHERE id = ?", &remove_person_},
  };
  for (const auto& [sql, statement] : statements) {
    if (auto prepared = prepare_one(database_, sql, *statement); !prepared) {
      return prepared;
    }
  }
  return drop();
}

base::Status PersonStore::drop() {
  forget_recent();
  young_.clear();
  old_.clear();
  young_identities_.clear();
  old_identities_.clear();
  young_bytes_ = 0;
  changed_.clear();
  removed_.clear();
  given_.clear();
  auto last = database_.number("SELECT max(id) FROM person", 0);
  if (!last) {
    return last.error();
  }
  next_id_ = *last + 1;
  return base::ok();
}

void PersonStore::remember(const std::string& key, std::int64_t owner) {
  if (young_identities_.insert_or_assign(key, owner).second) {
    young_bytes_ += key.size() + 64;
  }
}

void PersonStore::weigh(Cached& cached) {
  const std::uint64_t bytes = bytes_of(cached);
  young_bytes_ += bytes - cached.bytes;
  cached.bytes = bytes;
}

base::Result<std::int64_t> PersonStore::owner_of(const std::string& key) {
  if (const auto known = young_identities_.find(key); known != young_identities_.end()) {
    return known->second;
  }
  if (const auto known = old_identities_.find(key); known != old_identities_.end()) {
    const std::int64_t owner = known->second;
    old_identities_.erase(known);
    remember(key, owner);
    return owner;
  }
  auto row = find_identity_.bind(key).row();
  if (!row) {
    return row.error();
  }
  const std::int64_t owner = *row ? find_identity_.integer(0) : 0;
  find_identity_.reset();
  remember(key, owner);
  return owner;
}

base::Result<Person*> PersonStore::find(const IdentityKey& key) {
  key.write(key_);
  if (Person* const known = recent(key_)) {
    return known;
  }
  auto owner = owner_of(key_);
  if (!owner) {
    return owner.error();
  }
  if (*owner == 0) {
    return nullptr;
  }
  auto person = load(*owner);
  if (person) {
    note_recent(key_, *person);
  }
  return person;
}

Person* PersonStore::recent(std::string_view key) const {
  for (const Recent& one : recent_) {
    if (one.person != nullptr && one.key == key) {
      return one.person;
    }
  }
  return nullptr;
}

void PersonStore::note_recent(const std::string& key, Person* person) {
  Recent& oldest = recent_[next_recent_];
  oldest.key = key;
  oldest.person = person;
  next_recent_ = (next_recent_ + 1) % recent_.size();
}

void PersonStore::forget_recent() {
  for (Recent& one : recent_) {
    one.person = nullptr;
  }
}

base::Result<Person*> PersonStore::load(std::int64_t id) {
  if (const auto known = young_.find(id); known != young_.end()) {
    return known->second.get();
  }
  std::unique_ptr<Cached> cached;
  if (const auto known = old_.find(id); known != old_.end()) {
    cached = std::move(known->second);
    old_.erase(known);
  } else {
    auto row = find_person_.bind(id).row();
    if (!row) {
      return row.error();
    }
    if (!*row) {
      return base::fail(base::Code::kCorrupt, "loader state: an identity names person " +
                                                  std::to_string(id) + ", who is not there");
    }
    cached = std::make_unique<Cached>(Cached{read_person(find_person_, id)});
    find_person_.reset();
  }
  cached->bytes = 0;
  weigh(*cached);
  return young_.emplace(id, std::move(cached)).first->second.get();
}

Person* PersonStore::create(std::string_view app_id, event::Api api) {
  auto cached = std::make_unique<Cached>();
  cached->id = next_id_++;
  cached->app_id = app_id;
  cached->api = api;
  Person* person = cached.get();
  young_.emplace(person->id, std::move(cached));
  changed(*person);
  return person;
}

void PersonStore::changed(Person& person) {
  auto& cached = static_cast<Cached&>(person);  // there are no others
  if (!cached.changed) {
    cached.changed = true;
    changed_.push_back(person.id);
  }
}

void PersonStore::give(const IdentityKey& key, const Person& person) {
  forget_recent();
  const std::string text = key.text();
  remember(text, person.id);
  given_.emplace_back(text, person.id);
}

void PersonStore::remove(Person& person) {
  forget_recent();
  removed_.push_back(person.id);
  young_.erase(person.id);
}

base::Status PersonStore::write(const Person& person) {
  const std::string identities = identities_to_json(person.identities);
  const std::string properties = properties_to_json(person.properties);
  return write_person_.bind(person.id)
      .bind(person.app_id)
      .bind(static_cast<std::int64_t>(person.api))
      .bind(person.user_pseudo_id)
      .bind(person.user_id)
      .bind(person.user_id_kind)
      .bind(person.user_id_time_us)
      .bind(identities)
      .bind(properties)
      .bind(person.first_seen_us)
      .bind(person.last_seen_us)
      .bind(person.events)
      .bind(person.platform)
      .bind(person.country_code)
      .bind(person.first_touch)
      .bind(person.first_touch_us)
      .bind(static_cast<std::int64_t>(person.position))
      .run();
}

base::Status PersonStore::flush() {
  forget_recent();
  // In the order of the tables: neighbours lie in one page.
  std::ranges::sort(changed_);
  std::ranges::stable_sort(given_, {}, &std::pair<std::string, std::int64_t>::first);
  for (const std::int64_t id : changed_) {
    const auto known = young_.find(id);
    if (known == young_.end()) {
      continue;  // removed after it was changed
    }
    known->second->changed = false;
    if (auto written = write(*known->second); !written) {
      return written;
    }
    weigh(*known->second);
  }
  for (const std::int64_t id : removed_) {
    if (auto removed = remove_person_.bind(id).run(); !removed) {
      return removed;
    }
  }
  for (const auto& [key, id] : given_) {
    if (auto written = write_identity_.bind(key).bind(id).run(); !written) {
      return written;
    }
  }
  changed_.clear();
  removed_.clear();
  given_.clear();
  age();
  return base::ok();
}

void PersonStore::age() {
  if (young_bytes_ < cache_bytes_ / 2) {
    return;
  }
  old_ = std::move(young_);
  old_identities_ = std::move(young_identities_);
  young_.clear();
  young_identities_.clear();
  young_bytes_ = 0;
}

}  // namespace loader::state
