#include "loader/state/person_store.h"

#include "base/thread_priority.h"
#include "loader/person/row.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace loader::state {
namespace {

using codec::Hash128;

constexpr const char* kSchema =
    "CREATE TABLE IF NOT EXISTS person(id INTEGER PRIMARY KEY, row BLOB);"
    "CREATE TABLE IF NOT EXISTS identity(key INTEGER PRIMARY KEY, other INTEGER, person INTEGER);"
    "CREATE TABLE IF NOT EXISTS common_text(id INTEGER PRIMARY KEY, text BLOB, checksum INTEGER);";

/// How many identities may want one place in the table. Even two are not to be expected.
constexpr unsigned kPlacesMax = 64;
constexpr std::size_t kWritesInARow = 16;  // then others may go first
/// Persons whose memory is kept for those of the next step.
constexpr std::size_t kHeldMax = 8192;
/// A person that takes more, about, gives its memory back.
constexpr std::uint64_t kHeldBytesMax = 2048;
/// A text that is longer gives its memory back.
constexpr std::size_t kTextBytesMax = std::size_t{1} << 20U;

/// Where an identity lies unless others lie there: `tries` of them. Depends on all of the hash, so
/// those who want the same first place go on to different ones.
std::int64_t place_of(Hash128 identity, unsigned tries) {
  return static_cast<std::int64_t>(identity.low + tries * (identity.high | 1U));
}

std::int64_t other_of(Hash128 identity) { return static_cast<std::int64_t>(identity.high); }

base::Status prepare_one(Database& database, std::string_view sql, Statement& statement) {
  auto prepared = database.prepare(sql);
  if (!prepared) {
    return prepared.error();
  }
  statement = std::move(*prepared);
  return base::ok();
}

void append_number(std::size_t number, std::string& out) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

}  // namespace

void IdentityKey::write(std::string& out) const {
  out.clear();
  append_number(static_cast<std::size_t>(api), out);
  out.push_back(':');
  append_number(app_id.size(), out);
  out.push_back(':');
  out.append(app_id).push_back(':');
  out.append(kind).push_back(':');
  out.append(value);
}

base::Result<CommonTexts> read_common_texts(Database& database) {
  auto rows = database.prepare("SELECT id, text, checksum FROM common_text ORDER BY id");
  if (!rows) {
    return rows.error();
  }
  CommonTexts texts;
  auto more = rows->row();
  for (; more && *more; more = rows->row()) {
    const std::string_view text = rows->blob(1);
    texts.add(text);
    if (rows->integer(0) != static_cast<std::int64_t>(texts.size()) ||
        rows->integer(2) != codec::crc32c(text)) {
      return base::fail(base::Code::kCorrupt, "loader state: common text " +
                                                  std::to_string(texts.size()) +
                                                  " is missing or does not match its checksum");
    }
  }
  return more ? base::Result<CommonTexts>(std::move(texts)) : more.error();
}

const char* PersonStore::schema() { return kSchema; }

base::Result<std::unique_ptr<PersonStore>> PersonStore::open(Database& database,
                                                             std::uint64_t cache_bytes,
                                                             HashOf hash_of) {
  auto store = std::make_unique<PersonStore>(database, cache_bytes, hash_of);
  if (auto prepared = store->prepare(); !prepared) {
    return prepared.error();
  }
  return store;
}

base::Status PersonStore::prepare() {
  const std::pair<std::string_view, Statement*> statements[] = {
      {"SELECT other, person FROM identity WHERE key = ?", &find_identity_},
      {"SELECT row FROM person WHERE id = ?", &find_person_},
      {"INSERT INTO identity VALUES(?, ?, ?) ON CONFLICT(key) DO UPDATE SET "
       "person = excluded.person WHERE other = excluded.other",
       &write_identity_},
      {"INSERT OR REPLACE INTO person VALUES(?, ?)", &write_person_},
      {"DELETE FROM person WHERE id = ?", &remove_person_},
      {"INSERT INTO common_text VALUES(?, ?, ?)", &write_text_},
  };
  for (const auto& [sql, statement] : statements) {
    if (auto prepared = prepare_one(database_, sql, *statement); !prepared) {
      return prepared;
    }
  }
  return drop();
}

base::Status PersonStore::drop() {
  // Whatever failed may have left one with a row to give.
  for (Statement* statement : {&find_identity_, &find_person_, &write_identity_, &write_person_,
                               &remove_person_, &write_text_}) {
    statement->reset();
  }
  let_go();
  cache_.clear();
  auto texts = read_common_texts(database_);
  if (!texts) {
    return texts.error();
  }
  texts_ = std::move(*texts);
  texts_written_ = texts_.size();
  auto last = database_.number("SELECT max(id) FROM person", 0);
  if (!last) {
    return last.error();
  }
  next_id_ = *last + 1;
  return base::ok();
}

Hash128 PersonStore::identity_of(const IdentityKey& key) {
  key.write(text_);
  return hash_of_(text_);
}

base::Result<std::int64_t> PersonStore::owner_of(Hash128 identity) {
  if (const auto known = cache_.owner_of(identity)) {
    return *known;
  }
  std::int64_t owner = 0;
  for (unsigned tries = 0; tries < kPlacesMax; ++tries) {
    auto row = find_identity_.bind(place_of(identity, tries)).row();
    if (!row) {
      return row.error();
    }
    if (!*row) {
      break;
    }
    const bool found = find_identity_.integer(0) == other_of(identity);
    owner = found ? find_identity_.integer(1) : 0;
    find_identity_.reset();
    if (found) {
      break;
    }
  }
  cache_.put(identity, owner);
  return owner;
}

base::Result<Person*> PersonStore::find(const IdentityKey& key) {
  auto owner = owner_of(identity_of(key));
  if (!owner) {
    return owner.error();
  }
  if (*owner == 0) {
    return nullptr;
  }
  return load(*owner);
}

PersonStore::Held& PersonStore::hold(std::int64_t id) {
  if (held_now_ == held_.size()) {
    held_.push_back(std::make_unique<Held>());
  }
  Held& held = *held_[held_now_++];
  held.id = id;
  held.changed = false;
  held.removed = false;
  by_id_.put(id, &held);
  return held;
}

base::Result<Person*> PersonStore::load(std::int64_t id) {
  if (Held* const* known = by_id_.find(id)) {
    return *known;
  }
  Held& held = hold(id);
  if (auto read = this->read(id, held); !read) {
    held.removed = true;
    return read.error();
  }
  return &held;
}

base::Status PersonStore::read(std::int64_t id, Person& person) {
  if (const auto known = cache_.row_of(id)) {
    held_bytes_ += known->size();
    return person::read_row(*known, texts_, person);
  }
  auto row = find_person_.bind(id).row();
  if (!row) {
    return row.error();
  }
  if (!*row) {
    return base::fail(base::Code::kCorrupt, "loader state: an identity names person " +
                                                std::to_string(id) + ", who is not there");
  }
  const std::string_view bytes = find_person_.blob(0);
  held_bytes_ += bytes.size();
  auto read = person::read_row(bytes, texts_, person);
  if (read) {
    cache_.put(id, bytes);
  }
  find_person_.reset();
  return read;
}

Person* PersonStore::create(std::string_view app_id, event::Api api) {
  Held& held = hold(next_id_++);
  const std::int64_t id = held.id;
  static_cast<Person&>(held) = Person{};
  held.id = id;
  held.app_id = app_id;
  held.api = api;
  changed(held);
  return &held;
}

void PersonStore::changed(Person& person) {
  auto& held = static_cast<Held&>(person);  // there are no others
  if (!held.changed) {
    held.changed = true;
    changed_.push_back(&held);
  }
}

void PersonStore::give(const IdentityKey& key, const Person& person) {
  const Hash128 identity = identity_of(key);
  cache_.put(identity, person.id);
  given_.push_back({identity, person.id});
}

void PersonStore::remove(Person& person) {
  static_cast<Held&>(person).removed = true;
  changed(person);
  cache_.forget(person.id);
}

base::Status PersonStore::write(const Person& person) {
  person::write_row(person, texts_, text_);
  cache_.put(person.id, text_);
  return write_person_.bind(person.id).bind_blob(text_).run();
}

base::Status PersonStore::write(const Given& given) {
  for (unsigned tries = 0; tries < kPlacesMax; ++tries) {
    auto written = write_identity_.bind(place_of(given.identity, tries))
                       .bind(other_of(given.identity))
                       .bind(given.owner)
                       .run();
    if (!written || database_.changes() > 0) {
      return written;
    }
  }
  return base::fail(base::Code::kCorrupt,
                    "loader state: no place in the table of identities for one more");
}

/// Those that got a number since the last time.
base::Status PersonStore::write_texts() {
  for (; texts_written_ < texts_.size(); ++texts_written_) {
    const std::string& text = *texts_.text_of(texts_written_ + 1);
    auto written = write_text_.bind(static_cast<std::int64_t>(texts_written_ + 1))
                       .bind_blob(text)
                       .bind(codec::crc32c(text))
                       .run();
    if (!written) {
      return written;
    }
  }
  return base::ok();
}

base::Status PersonStore::flush() {
  // In the order of the tables: neighbours lie in one page.
  std::ranges::sort(changed_, {}, [](const Held* held) { return held->id; });
  std::ranges::stable_sort(given_, {},
                           [](const Given& given) { return place_of(given.identity, 0); });
  std::size_t changes = 0;
  for (const Held* held : changed_) {
    if (++changes % kWritesInARow == 0) {
      base::give_way();
    }
    auto done = held->removed ? remove_person_.bind(held->id).run() : write(*held);
    if (!done) {
      return done;
    }
  }
  for (const Given& given : given_) {
    if (auto written = write(given); !written) {
      return written;
    }
  }
  if (auto written = write_texts(); !written) {
    return written;
  }
  let_go();
  cache_.age();
  return base::ok();
}

/// Nobody is held any more.
void PersonStore::let_go() {
  for (std::size_t at = 0; at < held_now_; ++at) {
    if (person::bytes_of(*held_[at]) > kHeldBytesMax) {
      held_[at] = std::make_unique<Held>();
    }
  }
  if (text_.capacity() > kTextBytesMax) {
    std::string().swap(text_);
  }
  held_now_ = 0;
  held_bytes_ = 0;
  if (held_.size() > kHeldMax) {
    held_.resize(kHeldMax);
    by_id_ = {};
  }
  by_id_.clear();
  changed_.clear();
  given_.clear();
}

}  // namespace loader::state
