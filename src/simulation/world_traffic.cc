#include "journal/reader.h"
#include "loader/state/tables.h"
#include "simulation/world.h"

#include <charconv>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace simulation {
namespace {

/// Collects the answers to one batch. The committer thread waits in the first answer until the
/// whole rest of the batch is queued, so that the groups do not depend on how fast the threads are.
class Answers {
 public:
  explicit Answers(std::size_t count) : results_(count) {}

  journal::Writer::Done expect(std::size_t number) {
    return [this, number](base::Result<Position> result) {
      std::unique_lock lock(mutex_);
      if (std::this_thread::get_id() != queueing_) {
        committer_waits_ = true;
        done_.notify_all();
        queued_.wait(lock, [this] { return all_queued_; });
      }
      results_[number] = std::move(result);
      ++answered_;
      done_.notify_all();
    };
  }

  /// To be called behind the first append.
  void wait_for_committer() {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return committer_waits_ || answered_ > 0; });
  }

  std::vector<std::optional<base::Result<Position>>> wait() {
    std::unique_lock lock(mutex_);
    all_queued_ = true;
    queued_.notify_all();
    done_.wait(lock, [this] { return answered_ == results_.size(); });
    return std::move(results_);
  }

 private:
  const std::thread::id queueing_ = std::this_thread::get_id();
  std::mutex mutex_;
  std::condition_variable queued_;
  std::condition_variable done_;
  bool committer_waits_ = false;
  bool all_queued_ = false;
  std::size_t answered_ = 0;
  std::vector<std::optional<base::Result<Position>>> results_;
};

std::int64_t points_of(const std::string& properties) {
  constexpr std::string_view kValue = R"("Points":{"value":)";
  const std::size_t at = properties.find(kValue);
  std::int64_t points = 0;
  if (at != std::string::npos) {
    const char* begin = properties.data() + at + kValue.size();
    std::from_chars(begin, properties.data() + properties.size(), points);
  }
  return points;
}

}  // namespace

void World::send(const std::vector<Request>& requests) {
  std::vector<Sent> batch;
  for (const Request& request : requests) {
    Sent sent{request, clock_.now(), {}, {}};
    write_record(++sent_count_, sent);
    batch.push_back(std::move(sent));
  }
  put_in_journal(std::move(batch));
}

/// Clients repeat a request as a new one: its bytes differ in the request id.
void World::send_again() {
  std::vector<Request> requests;
  for (const auto& [bytes, sent] : std::exchange(unanswered_, {})) {
    if (sent.replay_of.empty()) {
      requests.push_back(sent.request);
    }
  }
  if (!requests.empty()) {
    send(requests);
  }
}

void World::replay(std::int64_t number) {
  std::vector<Position> rejected;
  for (const auto& [position, sent] : journal_) {
    const bool whole = sent.request.shape == Shape::kLines && sent.replay_of.empty();
    for (const Unit& unit : sent.request.units) {
      if (whole && unit.kind == Unit::Kind::kBad) {
        rejected.push_back(position);
        break;
      }
    }
  }
  if (rejected.empty()) {
    return;
  }
  const auto at = static_cast<std::size_t>(number) % rejected.size();
  Sent sent;
  sent.request.units = {{Unit::Kind::kEvent, 300 + static_cast<std::uint32_t>(number), 1}};
  sent.received = clock_.now();
  sent.replay_of = std::to_string(rejected[at]) + ":0";
  write_record(++sent_count_, sent);
  put_in_journal({std::move(sent)});
}

void World::put_in_journal(std::vector<Sent> batch) {
  const bool refused_before = refuses_;
  const std::vector<Answer> answers = append(batch);
  for (std::size_t at = 0; at < batch.size(); ++at) {
    Sent& sent = batch[at];
    sent_[sent.bytes] = sent;
    if (!answers[at].position) {
      refuses_ = refuses_ || answers[at].final;
      unanswered_[sent.bytes] = std::move(sent);
      continue;
    }
    const Position position = *answers[at].position;
    if (refused_before) {
      fail("record " + std::to_string(position) + " was taken after the journal had failed");
    }
    if (!journal_.emplace(position, std::move(sent)).second) {
      fail("position " + std::to_string(position) + " was given twice");
    }
  }
}

std::vector<World::Answer> World::append(const std::vector<Sent>& batch) {
  Answers answers(batch.size());
  for (std::size_t at = 0; at < batch.size(); ++at) {
    writer_->append(batch[at].bytes, answers.expect(at));
    if (at == 0) {
      answers.wait_for_committer();
    }
  }
  std::vector<Answer> out;
  for (const auto& result : answers.wait()) {
    Answer answer;
    if (*result) {
      answer.position = **result;
    } else {
      answer.final = result->error().message.starts_with("journal failed");
      if (!answer.final) {
        allow(false, &result->error(), "an append");
      }
    }
    out.push_back(answer);
  }
  return out;
}

/// Reads the whole journal: what was answered is there, and nothing that was never sent.
void World::check_journal() {
  files_.heal();
  std::map<Position, Sent> read;
  const auto reader = journal::Reader::open(files_, journal_options_.folder, 1);
  for (;;) {
    const auto entry = (*reader)->next(writer_->durable_position());
    if (!entry && (*reader)->damage()) {
      continue;  // Of a group that was torn before it was answered; else it is missing below.
    }
    if (!entry) {
      allow(false, &entry.error(), "reading the journal");
      return;
    }
    if (!entry->has_value()) {
      break;
    }
    const auto known = sent_.find(std::string((*entry)->bytes));
    if (known == sent_.end()) {
      fail("record " + std::to_string((*entry)->position) + " was never sent");
      return;
    }
    read.emplace((*entry)->position, known->second);
  }
  for (const auto& [position, sent] : journal_) {
    const auto found = read.find(position);
    const bool may_lack = may_lack_ && position > safe_;
    if (!may_lack && (found == read.end() || found->second.bytes != sent.bytes)) {
      fail("record " + std::to_string(position) + " was answered and is gone");
      return;
    }
  }
  journal_ = std::move(read);
  may_lack_ = false;
}

Derived World::found() {
  Derived derived;
  const auto rows = store_->rows();
  if (!rows) {
    fail("the store cannot be read: " + rows.error().message);
    return derived;
  }
  for (const std::string& row : *rows) {
    (row.starts_with("E") ? derived.events : derived.rejected).insert(row.substr(2));
  }
  for (const loader::state::BookLine& line : stepper_->state().books()) {
    const loader::state::Counts& counts = line.counts;
    const Books books{counts.received, counts.stored, counts.duplicate, counts.rejected};
    if (books.received != books.stored + books.duplicate + books.rejected) {
      fail("the books of " + line.app_id + " do not balance");
    }
    if (books != Books{}) {
      derived.books[line.app_id + " " + std::string(event::api_name(line.api))] = books;
    }
  }
  const auto named = stepper_->state().each_name(
      [&](const std::string& /*app*/, event::Api api, const std::string& name) {
        derived.names.insert(std::string(event::api_name(api)) + " " + name);
      });
  allow(named.has_value(), named ? nullptr : &named.error(), "reading the names");
  find_persons(derived);
  return derived;
}

void World::find_persons(Derived& derived) {
  const auto table = loader::state::users_table(stepper_->state().path());
  const std::vector<store::VirtualColumn> columns = table->columns();
  const auto scan = table->scan();
  while (scan) {
    const auto block = (*scan)->next(100);
    if (!block || block->empty()) {
      allow(block.has_value(), block ? nullptr : &block.error(), "reading the persons");
      return;
    }
    for (const auto& cells : *block) {
      std::map<std::string, store::Cell> row;
      for (std::size_t at = 0; at < cells.size(); ++at) {
        row[columns[at].name] = cells[at];
      }
      const std::string& user = row["user_id"].text;
      const std::string name = user.empty() ? row["user_pseudo_id"].text : user;
      Person& person = derived.people[row["api"].text + " " + name];
      person.events += row["events"].integer;
      person.points += points_of(row["user_properties"].text);
    }
  }
  allow(false, &scan.error(), "opening the table of persons");
}

}  // namespace simulation
