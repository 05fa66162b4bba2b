#include "query/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace query {
namespace {

TEST(WorkerPool, RunsWhatIsPosted) {
  WorkerPool pool(2, 100);
  std::promise<void> all_done;
  std::atomic<int> count{0};
  for (int i = 0; i < 50; ++i) {
    std::function<void()> work = [&count, &all_done] {
      if (++count == 50) {
        all_done.set_value();
      }
    };
    ASSERT_TRUE(pool.post(work));
  }
  all_done.get_future().wait();
  EXPECT_EQ(count.load(), 50);
}

TEST(WorkerPool, RefusesWhenTooMuchWaitsAndLeavesTheWorkToTheCaller) {
  WorkerPool pool(1, 1);
  std::promise<void> started;
  std::promise<void> release;
  std::shared_future<void> gate = release.get_future().share();
  std::function<void()> blocker = [&started, gate] {
    started.set_value();
    gate.wait();
  };
  ASSERT_TRUE(pool.post(blocker));
  started.get_future().wait();
  std::function<void()> waits = [] {};
  ASSERT_TRUE(pool.post(waits));
  std::function<void()> refused = [] {};
  EXPECT_FALSE(pool.post(refused));
  EXPECT_TRUE(static_cast<bool>(refused));
  release.set_value();
}

}  // namespace
}  // namespace query
