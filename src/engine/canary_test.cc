#include "audit/canary.h"

#include "engine/test_pipeline.h"

namespace engine {
namespace {

using std::chrono::seconds;

/// Takes what it is given and, while told so, refuses it.
class Gate final : public api::Intake {
 public:
  explicit Gate(api::Intake& next) : next_(next) {}
  void append(const event::Record& record,
              std::function<void(base::Result<event::Position>)> done) override {
    ++taken;
    if (closed) {
      done(base::fail(base::Code::kUnavailable, "the gate is closed"));
    } else {
      next_.append(record, std::move(done));
    }
  }
  bool closed = false;
  int taken = 0;

 private:
  api::Intake& next_;
};

class CanaryTest : public PipelineTest {
 protected:
  audit::Canary make(Gate& gate) {
    return audit::Canary({.intake = gate,
                          .store = pipeline_->store(),
                          .clock = clock_,
                          .wait_visible =
                              [this](event::Position position, std::chrono::milliseconds) {
                                return visible_ && pipeline_->wait_visible(position, seconds(60));
                              }},
                         seconds(60));
  }
  bool visible_ = true;
};

TEST_F(CanaryTest, IsSentOnceAnIntervalAndFoundInTheStore) {
  Gate gate(pipeline_->intake());
  audit::Canary canary = make(gate);
  clock_.advance(seconds(50));
  EXPECT_EQ(canary.report().age, seconds(50)) << "nothing was seen yet";
  canary.step();
  EXPECT_EQ(canary.report().age, seconds(0));
  clock_.advance(seconds(59));
  canary.step();
  EXPECT_EQ(gate.taken, 1);
  EXPECT_EQ(canary.report().age, seconds(59));
  clock_.advance(seconds(1));
  canary.step();
  EXPECT_EQ(gate.taken, 2);
  EXPECT_EQ(canary.report().age, seconds(0));
  const auto lines = pipeline_->ledger().lines;
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].app_id, registry::kCanaryApp);
  EXPECT_EQ(lines[0].stored, 2U);
}

TEST_F(CanaryTest, IsOverdueWhenNothingIsTakenAndRecovers) {
  Gate gate(pipeline_->intake());
  audit::Canary canary = make(gate);
  gate.closed = true;
  for (int interval = 0; interval < 3; ++interval) {
    canary.step();
    clock_.advance(seconds(60));
    EXPECT_FALSE(canary.report().overdue);
  }
  clock_.advance(seconds(1));
  EXPECT_TRUE(canary.report().overdue);
  gate.closed = false;
  clock_.advance(seconds(60));
  canary.step();
  EXPECT_FALSE(canary.report().overdue);
}

TEST_F(CanaryTest, WhatIsLateIsFoundLaterWithItsLatency) {
  Gate gate(pipeline_->intake());
  audit::Canary canary = make(gate);
  visible_ = false;
  canary.step();
  clock_.advance(seconds(5));
  EXPECT_EQ(canary.report().age, seconds(5));
  visible_ = true;
  canary.step();
  EXPECT_EQ(gate.taken, 1);
  EXPECT_EQ(canary.report().age, seconds(5));
  EXPECT_EQ(canary.report().latency, seconds(5));
}

}  // namespace
}  // namespace engine
