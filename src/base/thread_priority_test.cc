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

cpu_set_t processors() {
  cpu_set_t out;
  CPU_ZERO(&out);
  EXPECT_EQ(sched_getaffinity(0, sizeof out, &out), 0);
  return out;
}

TEST(ThreadPriority, LoweredThreadsLeaveTheFirstOfSeveralProcessorsAloneUnlessTheyHurry) {
  const cpu_set_t ours = processors();
  cpu_set_t lowered;
  cpu_set_t hurrying;
  std::thread([&] {
    base::lower_thread_priority(10);
    lowered = processors();
    base::hurry(true);
    hurrying = processors();
  }).join();
  EXPECT_TRUE(CPU_EQUAL(&hurrying, &ours));
  if (CPU_COUNT(&ours) == 1) {
    EXPECT_TRUE(CPU_EQUAL(&lowered, &ours));
    return;
  }
  int first = 0;
  while (!CPU_ISSET(first, &ours)) {
    ++first;
  }
  EXPECT_FALSE(CPU_ISSET(first, &lowered));
  CPU_SET(first, &lowered);
  EXPECT_TRUE(CPU_EQUAL(&lowered, &ours));
}

}  // namespace
