#pragma once
// Persons and identities in the state database, with a bounded cache in front. Changes gather in
// memory and are written once a step, inside the State's transaction. Owner: People.

#include "base/result.h"
#include "loader/state/person.h"
#include "loader/state/sqlite.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace loader::state {

/// Names an identity within an application and API.
struct IdentityKey {
  std::string_view app_id;
  event::Api api = event::Api::kClickstream;
  std::string_view kind;
  std::string_view value;
  /// The same as one text, as it stands in the table.
  [[nodiscard]] std::string text() const;
  /// Puts that text in place of `out`.
  void write(std::string& out) const;
};

/// Threads: one.
class PersonStore {
 public:
  /// SQL that makes the tables.
  static const char* schema();
  /// Lifetime: `database` must outlive the store. `cache_bytes` bounds what stays in memory between
  /// steps.
  static base::Result<std::unique_ptr<PersonStore>> open(Database& database,
                                                         std::uint64_t cache_bytes);

  /// For open().
  PersonStore(Database& database, std::uint64_t cache_bytes)
      : database_(database), cache_bytes_(cache_bytes) {}

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

  /// Writes what has changed and lets old entries of the cache go.
  base::Status flush();
  /// Forgets every change since the last flush, and the cache.
  base::Status drop();

 private:
  struct Cached : Person {
    bool changed = false;
    std::uint64_t bytes = 0;  ///< What it counts for in young_bytes_.
  };
  using Persons = std::unordered_map<std::int64_t, std::unique_ptr<Cached>>;
  using Identities = std::unordered_map<std::string, std::int64_t>;

  /// An identity that was found a moment ago, and whose it is.
  struct Recent {
    std::string key;
    Person* person = nullptr;
  };

  base::Status prepare();
  base::Result<std::int64_t> owner_of(const std::string& key);
  base::Result<Person*> load(std::int64_t id);
  base::Status write(const Person& person);
  void weigh(Cached& cached);
  void remember(const std::string& key, std::int64_t owner);
  [[nodiscard]] Person* recent(std::string_view key) const;
  void note_recent(const std::string& key, Person* person);
  void forget_recent();
  void age();

  Database& database_;
  std::uint64_t cache_bytes_;
  std::int64_t next_id_ = 1;
  Statement find_identity_;
  Statement find_person_;
  Statement write_identity_;
  Statement write_person_;
  Statement remove_person_;

  // Two generations: what was not asked for since the last change of generation goes.
  Persons young_;
  Persons old_;
  Identities young_identities_;
  Identities old_identities_;
  std::uint64_t young_bytes_ = 0;
  std::string key_;               // reused by find()
  std::array<Recent, 4> recent_;  // what one event asks for, the next of its batch does too
  std::size_t next_recent_ = 0;
  std::vector<std::int64_t> changed_;
  std::vector<std::int64_t> removed_;
  std::vector<std::pair<std::string, std::int64_t>> given_;
};

}  // namespace loader::state
