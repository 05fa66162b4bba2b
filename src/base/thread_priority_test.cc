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

int first_of(const cpu_set_t& processors) {
  int first = 0;
  while (!CPU_ISSET(first, &processors)) {
    ++first;
  }
  return first;
}

/// All but the first, where there are several.
cpu_set_t without_first(cpu_set_t ours) {
  if (CPU_COUNT(&ours) > 1) {
    CPU_CLR(first_of(ours), &ours);
  }
  return ours;
}

TEST(ThreadPriority, LoweredThreadLeavesTheFirstProcessorAloneUnlessItHurries) {
  const cpu_set_t ours = processors();
  const cpu_set_t rest = without_first(ours);
  std::thread([&] {
    base::lower_thread_priority(10);
    const cpu_set_t lowered = processors();
    EXPECT_TRUE(CPU_EQUAL(&lowered, &rest));
    base::hurry(true);
    const cpu_set_t hurrying = processors();
    EXPECT_TRUE(CPU_EQUAL(&hurrying, &ours));
    base::hurry(false);
    const cpu_set_t again = processors();
    EXPECT_TRUE(CPU_EQUAL(&again, &rest));
  }).join();
  const cpu_set_t after = processors();
  EXPECT_TRUE(CPU_EQUAL(&after, &ours));
}

TEST(ThreadPriority, ThreadsThatALoweredOneStartsMayUseEveryProcessorWhereItSaysSo) {
  const cpu_set_t ours = processors();
  const cpu_set_t rest = without_first(ours);
  std::thread([&] {
    base::lower_thread_priority(10);
    {
      const base::EveryProcessor for_the_thread;
      std::thread([&] {
        const cpu_set_t started = processors();
        EXPECT_TRUE(CPU_EQUAL(&started, &ours));
      }).join();
    }
    const cpu_set_t afterwards = processors();
    EXPECT_TRUE(CPU_EQUAL(&afterwards, &rest));
  }).join();
}

TEST(ThreadPriority, ThreadThatIsNotLoweredKeepsItsProcessors) {
  const cpu_set_t ours = processors();
  std::thread([&] {
    base::hurry(true);
    base::hurry(false);
    const cpu_set_t after = processors();
    EXPECT_TRUE(CPU_EQUAL(&after, &ours));
  }).join();
}

}  // namespace
