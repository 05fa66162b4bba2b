#include "base/thread_priority.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <sys/resource.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

namespace {

int policy_after(void (*work)(), int& nice_value) {
  int policy = -1;
  std::thread([&] {
    work();
    policy = sched_getscheduler(0);
    nice_value = getpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)));
  }).join();
  return policy;
}

TEST(ThreadPriority, ShortTurnsChangeNeitherPolicyNorNiceness) {
  const int before = getpriority(PRIO_PROCESS, 0);
  int nice_value = -1;
  EXPECT_EQ(policy_after([] { base::take_short_turns(); }, nice_value), sched_getscheduler(0));
  EXPECT_EQ(nice_value, before);
}

TEST(ThreadPriority, WhatIsLoweredIsOneThread) {
  const int before = getpriority(PRIO_PROCESS, 0);
  int nice_value = -1;
  EXPECT_EQ(policy_after([] { base::lower_thread_priority(19); }, nice_value), SCHED_BATCH);
  EXPECT_EQ(nice_value, 19);
  EXPECT_EQ(getpriority(PRIO_PROCESS, 0), before);
  EXPECT_EQ(sched_getscheduler(0), SCHED_OTHER);
}

}  // namespace
