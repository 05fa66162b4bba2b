#include "store/duckdb/test_store.h"
#include "store/duckdb/watchdog.h"

#include <gmock/gmock.h>

#include <chrono>
#include <fstream>

namespace store::duckdb {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class Query : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    open_store();
  }
};

TEST_F(Query, OnlyOneSelectIsAllowed) {
  append_range(1, 3);
  seal();
  for (const std::string_view sql : {
           "INSERT INTO event VALUES (1)",
           "CREATE TABLE x AS SELECT 1",
           "CREATE OR REPLACE VIEW event AS SELECT 1",
           "DROP VIEW event",
           "COPY (SELECT 1) TO '/tmp/x.csv'",
           "ATTACH '/tmp/x.db'",
           "DETACH memory",
           "SET memory_limit = '100GB'",
           "SET GLOBAL lock_configuration = false",
           "RESET memory_limit",
           "PRAGMA database_list",
           "PRAGMA enable_profiling",
           "CALL pragma_version()",
           "EXPLAIN SELECT 1",
           "EXPLAIN ANALYZE SELECT 1",
           "INSTALL httpfs",
           "LOAD httpfs",
           "BEGIN TRANSACTION",
           "CHECKPOINT",
           "EXPORT DATABASE '/tmp/x'",
           "VACUUM",
           "USE memory",
           "PREPARE p AS SELECT 1",
           "SELECT 1; SELECT 2",
           "SELECT 1; DROP VIEW event",
           "/* SELECT */ DELETE FROM event",
           "",
           "   ",
           "-- nothing",
           "SELECT $1",
           "SELECT ?",
           "SELEC 1",
       }) {
    const auto result = store_->query(sql, ResultFormat::kJson, {});
    ASSERT_FALSE(result) << sql;
    EXPECT_EQ(result.error().code, base::Code::kInvalid) << sql << result.error().message;
  }
  EXPECT_EQ(count(), "[{\"n\":3}]");
}

TEST_F(Query, FilesAndSettingsAreOutOfReach) {
  append_range(1, 3);
  seal();
  std::ofstream(root_ + "/secret.csv") << "a\n1\n";
  std::ofstream(options_.folder + "/in.csv") << "a\n1\n";
  for (const std::string& sql : std::vector<std::string>{
           "SELECT * FROM read_csv('" + root_ + "/secret.csv')",
           "SELECT * FROM '" + root_ + "/secret.csv'",
           "SELECT * FROM '" + options_.folder + "/in.csv'",
           "SELECT * FROM 'secret.tsv.gz'",
           "SELECT * FROM 'secret.jsonl'",
           "SELECT * FROM read_text('/etc/passwd')",
           "SELECT * FROM read_blob('/etc/passwd')",
           "SELECT * FROM glob('/etc/*')",
           "SELECT * FROM glob('" + options_.folder + "/**')",
           "SELECT * FROM read_parquet('" + options_.folder + "/event/*/*.parquet')",
           "SELECT * FROM parquet_metadata('" + options_.folder + "/event/*/*.parquet')",
           "SELECT * FROM duckdb_settings()",
           "SELECT * FROM system.main.duckdb_settings()",
           "SELECT * FROM duckdb_views()",
           "SELECT sql FROM sqlite_master",
           "SELECT * FROM duckdb_views",
           "SELECT * FROM information_schema.views",
           "SELECT definition FROM pg_catalog.pg_views",
           "SELECT current_setting('allowed_directories')",
           "SELECT Current_Setting('temp_directory')",
           "SELECT getenv('HOME')",
           "SELECT json_serialize_plan('FROM event')",
           "SELECT write_log('text')",
           "SELECT * FROM read_json('/etc/passwd')",
           "SELECT * FROM read_ndjson_objects('/etc/passwd')",
           "SELECT * FROM sniff_csv('/etc/passwd')",
           "FROM '/etc/passwd.csv'",
           "FROM 'secret.csv'",
           "SELECT * FROM duckdb_secrets()",
           "SELECT * FROM duckdb_logs()",
           "SELECT * FROM duckdb_temporary_files()",
           "SELECT * FROM sqlite_scan('registry.db', 'app')",
           "SELECT * FROM query('SELECT 1')",
           "SELECT * FROM query_table('event')",
           "WITH x AS (SELECT * FROM read_text('/etc/passwd')) SELECT * FROM x",
           "SELECT (SELECT count(*) FROM glob('/*'))",
           "SELECT * FROM pragma_database_list",
           "SELECT * FROM hot_event(1)",
           "DESCRIBE '" + root_ + "/secret.csv'",
           "SUMMARIZE SELECT * FROM read_text('/etc/passwd')",
       }) {
    const auto result = store_->query(sql, ResultFormat::kJson, {});
    ASSERT_FALSE(result) << sql << result->text;
    EXPECT_EQ(result.error().code, base::Code::kInvalid) << sql;
    EXPECT_THAT(result.error().message, HasSubstr("not allowed")) << sql;
  }
}

TEST_F(Query, EverydaySqlIsAllowed) {
  append_range(1, 10);
  for (const std::string_view sql : {
           "FROM event",
           "VALUES (1), (2)",
           "(SELECT 1)",
           "-- a comment\nSELECT 1;",
           "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5) FROM t",
           "SELECT * FROM event e, json_each(e.properties) p",
           "SELECT unnest(generate_series(1, 3))",
           "SELECT row_number() OVER (PARTITION BY event_name ORDER BY event_timestamp) FROM event",
           "DESCRIBE event",
           "DESCRIBE SELECT * FROM event",
           "SHOW TABLES",
           "SUMMARIZE SELECT journal_position FROM event",
           "SELECT table_name, column_name FROM information_schema.columns",
           "SELECT * FROM (PIVOT event ON event_name IN ('add', 'view') USING count(*) GROUP BY "
           "app_id)",
           "SELECT [x * 2 FOR x IN [1, 2]], list_transform([1], lambda y: y + 1)",
           "SELECT * FROM clickstream.event_v2",
       }) {
    const auto result = store_->query(sql, ResultFormat::kJson, {});
    EXPECT_TRUE(result) << sql << ": " << result.error().message;
  }
}

TEST_F(Query, ErrorsNameTheMistakeAndNoPath) {
  append_range(1, 3);
  seal();
  EXPECT_THAT(ask("SELECT nothing FROM event"), HasSubstr("nothing"));
  EXPECT_THAT(ask("SELECT nothing FROM event"), Not(HasSubstr(root_)));
  EXPECT_THAT(ask("SELECT * FROM nowhere"), HasSubstr("nowhere"));
  EXPECT_THAT(ask("SELECT 1 +"), HasSubstr("syntax error"));
  EXPECT_THAT(ask("SELECT CAST('x' AS INTEGER)"), HasSubstr("'x'"));
  EXPECT_THAT(ask("SELECT 1 FROM event WHERE error('stop') IS NULL"), HasSubstr("stop"));
}

TEST_F(Query, JsonKeepsTypes) {
  EXPECT_EQ(
      ask("SELECT 1::TINYINT a, '-9223372036854775808'::BIGINT b, "
          "'170141183460469231731687303715884105727'::HUGEINT c, 1.50::DECIMAL(10,2) d, "
          "-0.05::DECIMAL(38,2) e, 0.1::DOUBLE f, 1::DOUBLE g, 'nan'::DOUBLE h, true i, NULL j"),
      "[{\"a\":1,\"b\":-9223372036854775808,\"c\":170141183460469231731687303715884105727,"
      "\"d\":1.50,\"e\":-0.05,\"f\":0.1,\"g\":1.0,\"h\":null,\"i\":true,\"j\":null}]");
  EXPECT_EQ(ask("SELECT TIMESTAMP '1969-12-31 23:59:59.000001' a, DATE '0001-01-01' b, "
                "TIME '01:02:03.5' c, TIMESTAMPTZ '2024-01-01 00:00:00+02' d"),
            "[{\"a\":\"1969-12-31 23:59:59.000001\",\"b\":\"0001-01-01\",\"c\":\"01:02:03.500000\","
            "\"d\":\"2023-12-31 22:00:00.000000+00\"}]");
  EXPECT_EQ(ask("SELECT make_timestamp(-9223372022400000000) a, 'infinity'::TIMESTAMP b, "
                "'2024-01-01 00:00:01'::TIMESTAMP_S c, '-infinity'::TIMESTAMP_MS d"),
            "[{\"a\":\"-290308-12-22 00:00:00.000000\",\"b\":\"infinity\","
            "\"c\":\"2024-01-01 00:00:01.000000\",\"d\":\"-infinity\"}]");
  EXPECT_EQ(ask("SELECT '{\"a\":[1]}'::JSON a, [1, NULL] b, {'x': 'y\"', 'z': [{'q': 1}]} c, "
                "MAP {'k': 1.5::DOUBLE} d, [1, 2]::INTEGER[2] e"),
            "[{\"a\":{\"a\":[1]},\"b\":[1,null],\"c\":{\"x\":\"y\\\"\",\"z\":[{\"q\":1}]},"
            "\"d\":{\"k\":1.5},\"e\":[1,2]}]");
  EXPECT_EQ(ask("SELECT '\\xAB'::BLOB a, '00112233-4455-6677-8899-aabbccddeeff'::UUID b, "
                "'\xC3\xBC\xE2\x82\xAC' c, 'x'::ENUM('x', 'y') d"),
            "[{\"a\":\"ab\",\"b\":\"00112233-4455-6677-8899-aabbccddeeff\","
            "\"c\":\"\xC3\xBC\xE2\x82\xAC\",\"d\":\"x\"}]");
  EXPECT_EQ(ask("SELECT 1 a, 2 a"), "[{\"a\":1,\"a_1\":2}]");
  EXPECT_EQ(ask("SELECT 1 a WHERE false"), "[]");
  EXPECT_THAT(ask("SELECT '101'::BIT"), HasSubstr("cast it to VARCHAR"));
}

TEST_F(Query, NestedValuesOfManyRowsStayInOrder) {
  EXPECT_EQ(ask("SELECT list(i ORDER BY i) AS l FROM range(6) t(i) GROUP BY i % 2 ORDER BY i % 2"),
            "[{\"l\":[0,2,4]},{\"l\":[1,3,5]}]");
  EXPECT_EQ(ask("SELECT sum(len(l)) AS n FROM (SELECT [i, i + 1] AS l FROM range(5000) t(i))"),
            "[{\"n\":10000}]");
}

TEST_F(Query, CsvQuotesWhatItMust) {
  EXPECT_EQ(ask("SELECT 'a,b' x, 'c\"d' y, NULL z, '' w, 'l1\nl2' v, 1.5 u", ResultFormat::kCsv),
            "x,y,z,w,v,u\r\n\"a,b\",\"c\"\"d\",,\"\",\"l1\nl2\",1.5\r\n");
}

TEST_F(Query, TableIsAligned) {
  EXPECT_EQ(ask("SELECT * FROM (VALUES ('\xC3\xBC', 5), ('long', 1234), (NULL, NULL)) t(name, n)",
                ResultFormat::kTable),
            "name     n\n----  ----\n\xC3\xBC        5\nlong  1234\nNULL  NULL\n");
}

TEST_F(Query, LimitsOfRowsAndTextAreErrors) {
  QueryLimits limits;
  limits.rows_max = 10;
  EXPECT_TRUE(store_->query("FROM range(10)", ResultFormat::kJson, limits));
  const auto rows = store_->query("FROM range(11)", ResultFormat::kJson, limits);
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code, base::Code::kTooLarge);
  limits = {};
  limits.text_bytes_max = 1'000;
  const auto text = store_->query("FROM range(1000000000)", ResultFormat::kCsv, limits);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, base::Code::kTooLarge);
}

TEST_F(Query, DeadlineStopsARunawayQuery) {
  QueryLimits limits;
  limits.deadline = std::chrono::milliseconds(50);
  const auto start = std::chrono::steady_clock::now();
  const auto result = store_->query(
      "SELECT count(*) FROM range(100000000) a, range(100000000) b WHERE a.range < b.range",
      ResultFormat::kJson, limits);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, base::Code::kUnavailable) << result.error().message;
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
  EXPECT_EQ(count(), "[{\"n\":0}]");
}

TEST(Gate, LetsSoManyInAndTheOthersWaitUntilTheirDeadline) {
  Gate gate(2);
  const auto now = std::chrono::steady_clock::now();
  EXPECT_TRUE(gate.enter(now));
  EXPECT_TRUE(gate.enter(now));
  EXPECT_FALSE(gate.enter(now));
  gate.leave();
  EXPECT_TRUE(gate.enter(now));
}

TEST_F(Query, ThatNeedsTooMuchMemoryFailsAlone) {
  options_.query_memory_bytes = std::uint64_t{64} << 20U;
  open_store();
  append_range(1, 100);
  const auto result = store_->query(
      "SELECT count(*) FROM (SELECT DISTINCT repeat(i::VARCHAR, 100) FROM range(3000000) t(i))",
      ResultFormat::kJson, {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, base::Code::kTooLarge) << result.error().message;
  append_range(101, 200);
  EXPECT_EQ(count(), "[{\"n\":200}]");
  seal();
  EXPECT_EQ(count(), "[{\"n\":200}]");
}

TEST_F(Query, ConditionOnTheDateOpensOnlyThatDaysFiles) {
  append_range(1, 5);
  append_range(6, 10, kDay + 1);
  seal();
  // A file that cannot be read is not missed by a query for another day.
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(options_.folder + "/event/date=2023-11-15")) {
    std::filesystem::resize_file(entry.path(), 10);
  }
  EXPECT_EQ(count("event WHERE event_date = '2023-11-14'"), "[{\"n\":5}]");
  EXPECT_THAT(count("event"), StartsWith("error: "));
}

}  // namespace
}  // namespace store::duckdb
