#pragma once
// Persons and identities in the state database, with a bounded cache in front. Changes gather in
// memory and are written once a step, inside the State's transaction. Owner: People.
//
// An identity is found by a 64-bit hash of its text, the key of its row; another 64 bits beside it
// tell it from one with the same key, which lies elsewhere: numbers make the table a quarter of
// what texts would. Rows of identities never go: what belonged to one person is given to another.
// Texts that many rows of persons hold have a table of their own, which only grows.

#include "base/result.h"
#include "codec/hash.h"
#include "loader/person/cache.h"
#include "loader/person/common_texts.h"
#include "loader/person/flat_table.h"
#include "loader/person/person.h"
#include "loader/state/sqlite.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace loader::state {

using person::CommonTexts;
using person::Person;

/// Those that rows of persons hold, as they stand. kCorrupt when one is damaged or missing.
base::Result<CommonTexts> read_common_texts(Database& database);

/// Names an identity within an application and API.
struct IdentityKey {
  std::string_view app_id;
  event::Api api = event::Api::kClickstream;
  std::string_view kind;
  std::string_view value;
  /// The same as one text, unlike that of any other, in place of `out`.
  void write(std::string& out) const;
};

/// Threads: one.
class PersonStore {
 public:
  /// What finds an identity, of its text.
  using HashOf = codec::Hash128 (*)(std::string_view);

  /// SQL that makes the tables.
  static const char* schema();
  /// Lifetime: `database` must outlive the store. `cache_bytes` bounds what stays in memory between
  /// steps.
  static base::Result<std::unique_ptr<PersonStore>> open(Database& database,
                                                         std::uint64_t cache_bytes,
                                                         HashOf hash_of = codec::hash128);

  /// For open().
  PersonStore(Database& database, std::uint64_t cache_bytes, HashOf hash_of)
      : database_(database), hash_of_(hash_of), cache_(cache_bytes) {}

  /// The person an identity belongs to, or nullptr. Lifetime: until flush() or drop().
  base::Result<Person*> find(const IdentityKey& key);
  /// A new person. Lifetime: as find().
  Person* create(std::string_view app_id, event::Api api);
  /// Notes that `person` is to be written.
  void changed(Person& person);
  /// Gives the identity to `person`, whoever had it.
  void give(const IdentityKey& key, const Person& person);
  /// Takes the person away. Its identities must have been given to others.
  void remove(Person& person);

  /// What the persons take that somebody asked for since the last flush, about, without what
  /// changed of them.
  [[nodiscard]] std::uint64_t held_bytes() const { return held_bytes_; }

  /// Writes what has changed and lets old entries of the cache go.
  base::Status flush();
  /// Forgets every change since the last flush, and the cache.
  base::Status drop();

 private:
  /// A person somebody asked for since the last flush.
  struct Held : Person {
    bool changed = false;
    bool removed = false;
  };
  struct Given {
    codec::Hash128 identity;
    std::int64_t owner = 0;
  };

  base::Status prepare();
  codec::Hash128 identity_of(const IdentityKey& key);
  base::Result<std::int64_t> owner_of(codec::Hash128 identity);
  base::Result<Person*> load(std::int64_t id);
  base::Status read(std::int64_t id, Person& person);
  base::Status write(const Person& person);
  base::Status write(const Given& given);
  base::Status write_texts();
  Held& hold(std::int64_t id);
  void let_go();

  Database& database_;
  HashOf hash_of_;
  std::int64_t next_id_ = 1;
  Statement find_identity_;
  Statement find_person_;
  Statement write_identity_;
  Statement write_person_;
  Statement remove_person_;
  Statement write_text_;

  CommonTexts texts_;
  std::size_t texts_written_ = 0;  // of texts_, the first ones
  person::Cache cache_;
  // The first held_now_ are in use; the others keep their memory for those to come.
  std::vector<std::unique_ptr<Held>> held_;
  std::size_t held_now_ = 0;
  std::uint64_t held_bytes_ = 0;
  person::FlatTable<std::int64_t, Held*, person::MixNumber> by_id_;
  std::vector<Held*> changed_;
  std::vector<Given> given_;
  std::string text_;  // reused
};

}  // namespace loader::state
