#include "loader/state/people.h"

#include "loader/person/row.h"
#include "loader/state/person_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace loader::state {
namespace {

using event::Api;
using event::Identity;
using event::PropertyChange;
using event::PropertyOp;
using testing::ElementsAre;
using testing::SizeIs;
using testing::UnorderedElementsAre;

constexpr std::int64_t kNow = 1'700'000'000'000'000;
constexpr std::int64_t kSecond = 1'000'000;

/// A small language: "device:d1 user:u1" did something; who are the persons now?
class PeopleTest : public testing::Test {
 protected:
  void SetUp() override {
    auto database = Database::open(":memory:", Database::Mode::kReadWrite);
    ASSERT_TRUE(database);
    database_ = std::move(*database);
    ASSERT_TRUE(database_->run(PersonStore::schema()));
    open();
  }

  /// What is in the database, with nothing of it in memory.
  void open(PersonStore::HashOf hash_of = codec::hash128) {
    auto persons = PersonStore::open(*database_, cache_bytes_, hash_of);
    ASSERT_TRUE(persons);
    persons_ = std::move(*persons);
    people_ = std::make_unique<People>(*persons_);
  }

  static std::vector<Identity> named(const std::vector<std::string>& names) {
    std::vector<Identity> identities;
    for (const std::string& name : names) {
      const std::size_t colon = name.find(':');
      identities.push_back({name.substr(0, colon), name.substr(colon + 1)});
    }
    return identities;
  }

  void saw(const std::vector<std::string>& names, std::int64_t at = kNow,
           std::vector<PropertyChange> properties = {}) {
    event::Event event;
    event.app_id = "shop";
    event.api = api_;
    event.event_name = name_;
    event.event_timestamp = at;
    event.received_at = kNow;
    event.platform = "Web";
    event.traffic_source_source = source_;
    event.traffic_source_channel_group = source_;
    event.traffic_source_category = source_;
    event.journal_position = 1;
    event.person.identities = named(names);
    event.person.properties = std::move(properties);
    ASSERT_TRUE(people_->saw(event));
    settle();
  }

  void profile(const std::vector<std::string>& names, std::vector<PropertyChange> properties,
               std::int64_t at = kNow) {
    event::ProfileChange change{"shop", api_, named(names), at, std::move(properties), true};
    ASSERT_TRUE(people_->apply(change, 1, kNow));
    settle();
  }

  void settle() {
    if (flush_each_) {
      ASSERT_TRUE(persons_->flush());
    }
  }

  /// Every person in the database, oldest first.
  std::vector<Person> persons() {
    EXPECT_TRUE(persons_->flush());
    const auto texts = read_common_texts(*database_);
    EXPECT_TRUE(texts);
    auto rows = database_->prepare("SELECT row, id FROM person ORDER BY id");
    std::vector<Person> out;
    for (auto more = rows->row(); more && *more; more = rows->row()) {
      EXPECT_TRUE(person::read_row(rows->blob(0), *texts, out.emplace_back()));
      out.back().id = rows->integer(1);
    }
    return out;
  }

  /// "pseudo id / user id / events" of each.
  std::vector<std::string> rows() {
    std::vector<std::string> out;
    for (const Person& one : persons()) {
      out.push_back(one.user_pseudo_id + "/" + one.user_id + "/" + std::to_string(one.events));
    }
    return out;
  }

  /// The oldest.
  Person first() {
    const std::vector<Person> all = persons();
    return all.empty() ? Person{} : all.front();
  }
  std::string shown_identities() { return person::identities_to_json(first().identities); }
  std::string shown_properties() { return person::properties_to_json(first().properties); }

  Api api_ = Api::kClevertap;
  std::string name_ = "e";
  std::string source_;
  bool flush_each_ = true;
  std::uint64_t cache_bytes_ = 0;  // every flush forgets the cache
  std::unique_ptr<Database> database_;
  std::unique_ptr<PersonStore> persons_;
  std::unique_ptr<People> people_;
};

PropertyChange set(std::string key, std::string value, std::int64_t at_ms = 1000) {
  return {std::move(key), PropertyOp::kSet, std::move(value), at_ms};
}

TEST_F(PeopleTest, UnknownIdentityMakesAPerson) {
  saw({"identity:ann"});
  saw({"identity:ann"});
  saw({"identity:bob"});
  EXPECT_THAT(rows(), ElementsAre("/ann/2", "/bob/1"));
}

TEST_F(PeopleTest, EqualValuesOfDifferentKindsAreDifferentPeople) {
  saw({"identity:7"});
  saw({"fbid:7"});
  EXPECT_THAT(rows(), SizeIs(2));
  EXPECT_EQ(persons().at(1).user_id_kind, "fbid");
}

TEST_F(PeopleTest, RecordThatNamesTwoKindsLinksThem) {
  saw({"identity:ann", "fbid:7"});
  saw({"fbid:7"});
  EXPECT_THAT(rows(), ElementsAre("/7/2"));
  EXPECT_EQ(shown_identities(),
            R"([{"kind":"identity","value":"ann"},{"kind":"fbid","value":"7"}])");
}

TEST_F(PeopleTest, IdentitiesBeyondAThousandNameThePersonButAreNotShown) {
  for (int i = 0; i < 1001; ++i) {
    saw({"identity:ann", "fbid:" + std::to_string(i)});
  }
  saw({"fbid:1000"});
  EXPECT_THAT(rows(), SizeIs(1));
  const std::string shown = shown_identities();
  EXPECT_NE(shown.find("\"998\""), std::string::npos);
  EXPECT_EQ(shown.find("\"999\""), std::string::npos);
}

TEST_F(PeopleTest, NamelessPersonsThatCannotShowAllNamesStayTwo) {
  for (int i = 0; i < 999; ++i) {
    saw({"objectid:a", "objectid:x" + std::to_string(i)});
  }
  saw({"objectid:b"});
  saw({"objectid:a", "objectid:b"});
  open();
  saw({"objectid:b"});
  EXPECT_THAT(rows(), UnorderedElementsAre("a//1000", "b//2"));
}

TEST_F(PeopleTest, PersonWhoWasAbsorbedIsNotFoundAgainFromMemory) {
  saw({"objectid:a"});
  saw({"objectid:b"});
  saw({"objectid:b", "identity:ann"});
  saw({"objectid:a", "identity:ann"});
  saw({"objectid:a"});
  saw({"objectid:b"});
  EXPECT_THAT(rows(), ElementsAre("b/ann/6"));
}

TEST_F(PeopleTest, AnonymousPersonBecomesTheUser) {
  saw({"objectid:d1"});
  saw({"objectid:d1"});
  saw({"objectid:d1", "identity:ann"});
  saw({"objectid:d1"});
  EXPECT_THAT(rows(), ElementsAre("d1/ann/4"));
}

TEST_F(PeopleTest, AnonymousHistoryJoinsTheKnownUser) {
  saw({"identity:ann"}, kNow, {set("City", R"("Oslo")")});
  saw({"objectid:d2"}, kNow - 10 * kSecond, {set("City", R"("Rome")"), set("Lang", R"("it")")});
  saw({"objectid:d2", "identity:ann"});
  EXPECT_THAT(rows(), ElementsAre("d2/ann/3"));
  EXPECT_EQ(shown_properties(), R"({"City":{"value":"Oslo","set_time_msec":1000},)"
                                R"("Lang":{"value":"it","set_time_msec":1000}})");
  EXPECT_EQ(first().first_seen_us, kNow - 10 * kSecond);
}

TEST_F(PeopleTest, DeviceOfAnotherUserMovesAndTheOtherStays) {
  saw({"objectid:d1", "identity:ann"});
  saw({"objectid:d1", "identity:bob"});
  saw({"objectid:d1"});
  EXPECT_THAT(rows(), ElementsAre("/ann/1", "d1/bob/2"));
  EXPECT_EQ(shown_identities(), R"([{"kind":"identity","value":"ann"}])");
}

TEST_F(PeopleTest, TwoKnownUsersAreNeverMadeOne) {
  saw({"identity:ann"});
  saw({"identity:bob"});
  saw({"identity:ann", "identity:bob"});
  EXPECT_THAT(rows(), ElementsAre("/ann/2", "/bob/1"));
}

TEST_F(PeopleTest, OtherAppsAndApisHaveTheirOwnPeople) {
  saw({"device:d1"});
  api_ = Api::kSegmentstream;
  saw({"device:d1"});
  EXPECT_THAT(rows(), SizeIs(2));
}

TEST_F(PeopleTest, ClickstreamHasOnePersonPerDevice) {
  api_ = Api::kClickstream;
  saw({"device:d1", "user:ann"}, kNow - kSecond);
  saw({"device:d2", "user:ann"});
  saw({"device:d1", "user:bob"}, kNow);
  saw({"device:d1", "user:cay"}, kNow - 5 * kSecond);
  EXPECT_THAT(rows(), ElementsAre("d1/bob/3", "d2/ann/1")) << "the user id set last is shown";
}

TEST_F(PeopleTest, EventWithoutIdentitiesIsFiledByItsColumns) {
  event::Event event;
  event.app_id = "shop";
  event.api = Api::kClickstream;
  event.user_pseudo_id = "d9";
  event.received_at = kNow;
  ASSERT_TRUE(people_->saw(event));
  event.user_pseudo_id.clear();
  ASSERT_TRUE(people_->saw(event)) << "and one that names nobody changes nobody";
  EXPECT_THAT(rows(), ElementsAre("d9//1"));
}

TEST_F(PeopleTest, ImpossibleTimesAreReplacedByTheTimeOfReceipt) {
  saw({"identity:ann"}, 5);
  saw({"identity:ann"}, kNow * 4);
  EXPECT_EQ(first().first_seen_us, kNow);
  EXPECT_EQ(first().last_seen_us, kNow);
}

TEST_F(PeopleTest, FirstTouchIsTheEarliestVisit) {
  api_ = Api::kClickstream;
  name_ = "_session_start";
  source_ = "later";
  saw({"device:d1"}, kNow);
  source_ = "earlier";
  saw({"device:d1"}, kNow - kSecond);
  name_ = "click";
  source_ = "no visit";
  saw({"device:d1"}, kNow - 2 * kSecond);
  EXPECT_EQ(first().first_touch,
            R"({"source":"earlier","channel_group":"earlier","category":"earlier"})");
}

TEST_F(PeopleTest, NewestSetTimeWinsAndOfEqualOnesTheLater) {
  profile({"identity:ann"}, {set("Plan", R"("gold")", 2000)});
  profile({"identity:ann"}, {set("Plan", R"("old")", 1000)});
  EXPECT_EQ(shown_properties(), R"({"Plan":{"value":"gold","set_time_msec":2000}})");
  profile({"identity:ann"}, {set("Plan", R"("tie")", 2000)});
  EXPECT_EQ(shown_properties(), R"({"Plan":{"value":"tie","set_time_msec":2000}})");
}

TEST_F(PeopleTest, CacheAndDatabaseGiveTheSamePersons) {
  flush_each_ = false;
  for (int round = 0; round < 3; ++round) {
    saw({"objectid:d1"});
    saw({"objectid:d1", "identity:ann"});
    saw({"objectid:d2"});
    saw({"objectid:d2", "identity:ann"});
  }
  EXPECT_THAT(rows(), ElementsAre("d2/ann/12"));
}

TEST_F(PeopleTest, IdentitiesOfOneHashAreToldApartByTheOther) {
  const auto by_length = [](std::string_view text) {
    return codec::Hash128{codec::hash128(text).high, text.size()};
  };
  open(by_length);
  for (int round = 0; round < 2; ++round) {
    saw({"identity:ann"});
    saw({"identity:bob"});
    saw({"identity:cay"});
  }
  saw({"identity:bob", "objectid:d01"});
  saw({"identity:cay", "objectid:d01"});
  saw({"objectid:d01"});
  EXPECT_THAT(rows(), ElementsAre("/ann/2", "/bob/3", "d01/cay/4"));
  open(by_length);
  saw({"identity:ann"});
  saw({"objectid:d01"});
  EXPECT_THAT(rows(), ElementsAre("/ann/3", "/bob/3", "d01/cay/5"));
}

TEST_F(PeopleTest, IdentitiesThatWantTheSamePlacesThroughoutAreToldApart) {
  open([](std::string_view text) { return codec::Hash128{2 + text.size() % 2, 7}; });
  saw({"identity:a"});
  saw({"identity:bb"});
  saw({"identity:a"});
  EXPECT_THAT(rows(), ElementsAre("/a/2", "/bb/1"));
}

TEST_F(PeopleTest, DamagedRowIsFound) {
  saw({"identity:ann"});
  ASSERT_TRUE(database_->run("UPDATE person SET row = x'01' || substr(row, 2) || x'00'"));
  event::Event event;
  event.app_id = "shop";
  event.api = api_;
  event.person.identities = named({"identity:ann"});
  auto saw = people_->saw(event);
  ASSERT_FALSE(saw);
  EXPECT_EQ(saw.error().code, base::Code::kCorrupt);
  ASSERT_TRUE(database_->run("DELETE FROM person"));
  ASSERT_TRUE(persons_->drop());
  saw = people_->saw(event);
  ASSERT_FALSE(saw);
  EXPECT_EQ(saw.error().code, base::Code::kCorrupt) << "an identity of nobody";
}

TEST_F(PeopleTest, TextsOfManyPersonsStandOnceAndComeBack) {
  for (const char* name : {"identity:ann", "identity:bob", "identity:cay", "identity:dan"}) {
    saw({name}, kNow,
        {set("Plan", R"("gold")", 1000), set("Own", '"' + std::string(name) + '"', 1000)});
  }
  auto many = database_->number("SELECT count(*) FROM common_text WHERE text IN (x'506c616e')", 0);
  EXPECT_EQ(*many, 1) << "Plan";
  EXPECT_EQ(*database_->number("SELECT count(*) FROM common_text WHERE text LIKE '%identity%'", 0),
            0)
      << "nobody else's";
  open();
  saw({"identity:eve"}, kNow, {set("Plan", R"("gold")", 1000)});
  std::vector<std::string> shown;
  for (const Person& one : persons()) {
    shown.push_back(one.app_id + one.platform + person::properties_to_json(one.properties));
  }
  const std::string gold = R"("Plan":{"value":"gold","set_time_msec":1000}})";
  const auto with = [&](const std::string& own) {
    return R"(shopWeb{"Own":{"value":"identity:)" + own + R"(","set_time_msec":1000},)" + gold;
  };
  EXPECT_THAT(shown,
              ElementsAre(with("ann"), with("bob"), with("cay"), with("dan"), "shopWeb{" + gold));
}

TEST_F(PeopleTest, NumbersOfTextsThatWereDroppedAreGivenAgain) {
  const auto three = [&](const std::string& name, const std::string& plan) {
    for (int number = 1; number <= 3; ++number) {
      saw({"identity:" + name + std::to_string(number)}, kNow,
          {set("Plan", '"' + plan + '"', 1000)});
    }
  };
  ASSERT_TRUE(database_->run("BEGIN"));
  three("a", "gold");
  ASSERT_TRUE(persons_->flush());
  EXPECT_GT(*database_->number("SELECT count(*) FROM common_text", 0), 0);
  ASSERT_TRUE(database_->run("ROLLBACK"));
  ASSERT_TRUE(persons_->drop());
  three("b", "iron");
  EXPECT_THAT(rows(), ElementsAre("/b1/1", "/b2/1", "/b3/1"));
  open();
  EXPECT_EQ(person::properties_to_json(persons().back().properties),
            R"({"Plan":{"value":"iron","set_time_msec":1000}})");
}

TEST_F(PeopleTest, DamagedOrMissingCommonTextIsFound) {
  for (const char* name : {"identity:ann", "identity:bob", "identity:cay"}) {
    saw({name});
  }
  ASSERT_TRUE(database_->run("UPDATE common_text SET text = text || x'00' WHERE id = 1"));
  EXPECT_EQ(persons_->drop().error().code, base::Code::kCorrupt);
  ASSERT_TRUE(database_->run("DELETE FROM common_text WHERE id = 1"));
  EXPECT_EQ(persons_->drop().error().code, base::Code::kCorrupt);
}

TEST_F(PeopleTest, DroppedChangesLeaveNothing) {
  saw({"identity:ann"});
  flush_each_ = false;
  saw({"identity:ann"});
  saw({"identity:bob"});
  ASSERT_TRUE(persons_->drop());
  EXPECT_THAT(rows(), ElementsAre("/ann/1"));
}

}  // namespace
}  // namespace loader::state
