#include "base/clock.h"
#include "base/log.h"
#include "control/client.h"
#include "control/frames.h"
#include "control/server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <semaphore>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <thread>
#include <vector>

namespace control {
namespace {

class TextOutput final : public Output {
 public:
  void out(std::string_view text) override { out_text += text; }
  void err(std::string_view text) override { err_text += text; }
  bool alive() override { return true; }
  [[nodiscard]] bool terminal() const override { return true; }
  std::string out_text;
  std::string err_text;
};

class ControlTest : public testing::Test {
 protected:
  void SetUp() override {
    path_ = testing::TempDir() + "/" +
            testing::UnitTest::GetInstance()->current_test_info()->name() + ".sock";
  }
  void start(Runner runner, std::chrono::milliseconds grace = std::chrono::seconds(2)) {
    base::Result<std::unique_ptr<Server>> server =
        Server::start(path_, std::move(runner), base::null_log(), grace);
    ASSERT_TRUE(server) << server.error().message;
    server_ = *std::move(server);
  }
  std::string path_;
  std::unique_ptr<Server> server_;
};

TEST_F(ControlTest, ACommandGetsItsWordsAndAnswersWithBothStreamsAndACode) {
  start([](const std::vector<std::string>& words, Output& output) {
    for (const std::string& word : words) {
      output.out("[" + word + "]");
    }
    output.err(output.terminal() ? "terminal" : "pipe");
    return 2;
  });
  TextOutput output;
  const std::optional<Descriptor> socket = connect_to(path_);
  ASSERT_TRUE(socket);
  const base::Result<int> code = run_remote(*socket, {"sql", "", "SELECT\n1"}, output);
  ASSERT_TRUE(code) << code.error().message;
  EXPECT_EQ(*code, 2);
  EXPECT_EQ(output.out_text, "[sql][][SELECT\n1]");
  EXPECT_EQ(output.err_text, "terminal");
}

TEST_F(ControlTest, AnAnswerLargerThanAFrameArrivesWhole) {
  const std::string large(3 * kFrameBytesMax + 17, 'x');
  start([&large](const std::vector<std::string>&, Output& output) {
    output.out(large);
    return 0;
  });
  TextOutput output;
  ASSERT_TRUE(run_remote(*connect_to(path_), {}, output));
  EXPECT_EQ(output.out_text, large);
}

TEST_F(ControlTest, MarksStandBetweenThePartsTheyWereSetBetween) {
  class Marked final : public Output {
   public:
    void out(std::string_view part) override { seen += part; }
    void err(std::string_view /*part*/) override {}
    void mark(std::string_view note) override { seen.append("<").append(note).append(">"); }
    bool alive() override { return true; }
    [[nodiscard]] bool terminal() const override { return false; }
    std::string seen;
  };
  start([](const std::vector<std::string>&, Output& output) {
    output.out("a");
    output.mark("1");
    output.out(std::string(kFrameBytesMax + 1, 'b'));
    output.mark("2");
    return 0;
  });
  Marked output;
  ASSERT_TRUE(run_remote(*connect_to(path_), {}, output));
  EXPECT_EQ(output.seen, "a<1>" + std::string(kFrameBytesMax + 1, 'b') + "<2>");
}

TEST_F(ControlTest, AReaderThatLeavesDoesNotWaitForTheCommandToSaySomething) {
  class Leaving final : public Output {
   public:
    void out(std::string_view /*part*/) override {}
    void err(std::string_view /*part*/) override {}
    bool alive() override { return false; }
    [[nodiscard]] bool terminal() const override { return false; }
  };
  std::atomic<bool> left = false;
  start([&left](const std::vector<std::string>&, Output& output) {
    while (output.alive()) {
      std::this_thread::yield();
    }
    left = true;
    return 0;
  });
  Leaving output;
  {
    const std::optional<Descriptor> socket = connect_to(path_);
    EXPECT_EQ(*run_remote(*socket, {}, output), 1);
  }
  server_.reset();
  EXPECT_TRUE(left);
}

TEST_F(ControlTest, WhatACommandWritesIsShownBeforeItEnds) {
  class Watched final : public Output {
   public:
    void out(std::string_view /*text*/) override { ++held_back; }
    void err(std::string_view /*text*/) override {}
    bool alive() override {  // as of the program, which flushes here
      held_back = 0;
      return ++flushed < 2;
    }
    [[nodiscard]] bool terminal() const override { return false; }
    int held_back = 0;
    int flushed = 0;
  };
  start([](const std::vector<std::string>&, Output& output) {
    while (output.alive()) {
      output.out("line\n");
    }
    return 0;
  });
  Watched output;
  const base::Result<int> code = run_remote(*connect_to(path_), {"tail"}, output);
  ASSERT_TRUE(code);
  EXPECT_EQ(*code, 1);
  EXPECT_EQ(output.flushed, 2);
  EXPECT_EQ(output.held_back, 0);
}

TEST_F(ControlTest, OnlyTheOwnerMayConnect) {
  start([](const std::vector<std::string>&, Output&) { return 0; });
  struct stat info{};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(ControlTest, ASocketLeftBehindIsNoServerAndIsReplaced) {
  start([](const std::vector<std::string>&, Output&) { return 0; });
  std::filesystem::rename(path_, path_ + ".kept");
  server_.reset();
  std::filesystem::rename(path_ + ".kept", path_);
  EXPECT_FALSE(connect_to(path_));
  start([](const std::vector<std::string>&, Output&) { return 7; });
  TextOutput output;
  EXPECT_EQ(*run_remote(*connect_to(path_), {}, output), 7);
}

TEST_F(ControlTest, AnEndlessCommandEndsWhenItsClientLeavesAndWhenTheServerStops) {
  std::atomic<int> running{0};
  start([&running](const std::vector<std::string>&, Output& output) {
    ++running;
    output.out("started");
    while (output.alive()) {
      std::this_thread::yield();
    }
    --running;
    return 0;
  });
  const auto open_one = [this] {
    Descriptor socket = *connect_to(path_);
    EXPECT_TRUE(send_frame(socket.get(), FrameType::kRun, ""));
    EXPECT_TRUE(receive_frame(socket.get()));
    return socket;
  };
  {
    const Descriptor leaves = open_one();
  }
  while (running.load() != 0) {
    std::this_thread::yield();
  }
  const Descriptor stays = open_one();
  server_.reset();
  EXPECT_EQ(running.load(), 0);
}

TEST_F(ControlTest, WithoutDescriptorsItRestsAndGoesOnWhenThereAreSome) {
  using Instant = std::chrono::steady_clock::time_point;
  std::mutex mutex;
  std::vector<Instant> refused;
  const auto refusals = [&] {
    const std::lock_guard lock(mutex);
    return refused.size();
  };
  const base::SystemClock clock;
  base::Log log(clock, base::LogLevel::kWarning, base::LogFormat::kText, [&](std::string_view) {
    const std::lock_guard lock(mutex);
    refused.push_back(std::chrono::steady_clock::now());
  });
  auto started = Server::start(path_, [](const auto&, Output&) { return 7; }, log);
  ASSERT_TRUE(started);
  const Descriptor client(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  // UBSan opens a pipe when it first sees what kind of clock this is.
  log.warning("there are descriptors");
  refused.clear();
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none = before;
  none.rlim_cur = 3;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  const base::Result<UnixAddress> address = unix_address(path_);
  const int connected =
      connect(client.get(), reinterpret_cast<const sockaddr*>(address->bytes.data()),
              static_cast<socklen_t>(address->bytes.size()));
  while (connected == 0 && refusals() < 2) {
    std::this_thread::yield();
  }
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  ASSERT_EQ(connected, 0);
  TextOutput output;
  EXPECT_EQ(*run_remote(client, {}, output), 7);
  EXPECT_GE(refused[1] - refused[0], std::chrono::milliseconds(40));
}

TEST_F(ControlTest, AStoppingServerDoesNotWaitForAClientThatReadsNothing) {
  std::atomic<bool> writing{false};
  const auto write_much = [&writing](const std::vector<std::string>&, Output& output) {
    const std::string large(kFrameBytesMax, 'x');
    writing = true;
    for (int i = 0; i < 8; ++i) {
      output.out(large);
    }
    return 0;
  };
  start(write_much, std::chrono::milliseconds(5));
  const Descriptor stuck = *connect_to(path_);
  ASSERT_TRUE(send_frame(stuck.get(), FrameType::kRun, ""));
  while (!writing.load()) {
    std::this_thread::yield();
  }
  server_.reset();  // comes back
  EXPECT_FALSE(connect_to(path_));
}

TEST_F(ControlTest, ClientsBeyondSixtyFourAreTurnedAway) {
  std::promise<void> release;
  std::counting_semaphore<> entered(0);
  start([&entered, released = release.get_future().share()](const std::vector<std::string>&,
                                                            Output&) {
    entered.release();
    released.wait();
    return 0;
  });
  const auto run = [this] {
    TextOutput output;
    const std::optional<Descriptor> socket = connect_to(path_);
    const base::Result<int> code = run_remote(*socket, {"tail"}, output);
    return code && *code == 0;
  };
  std::vector<std::future<bool>> running;
  for (int i = 0; i < 64; ++i) {
    running.push_back(std::async(std::launch::async, run));
    entered.acquire();
  }
  EXPECT_FALSE(run());
  release.set_value();
  for (std::future<bool>& done : running) {
    EXPECT_TRUE(done.get());
  }
}

}  // namespace
}  // namespace control
