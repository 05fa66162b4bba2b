#include "http/server.h"

#include "http/loopback_testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace http {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view kGet = "GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::string_view kGetAndClose = "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

std::string post(std::string_view path, std::string_view body) {
  return "POST " + std::string(path) +
         " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

bool has_date_and_id(const std::string& reply) {
  const auto id = reply.find("\r\nX-Request-Id: ");
  const auto date = reply.find("\r\nDate: ");
  return id != std::string::npos && date != std::string::npos &&
         reply.find_first_not_of("0123456789abcdef", id + 16) == id + 48 && reply[id + 28] == '4' &&
         std::string_view("89ab").find(reply[id + 32]) < 4 &&
         reply.substr(date + 34, 6) == "GMT\r\nX";
}

/// Keeps Responders until the test uses them.
class HoldingHandler final : public Handler {
 public:
  void handle(const Request& request, Responder respond) override {
    const std::lock_guard lock(mutex_);
    request_ = &request;
    respond_.emplace(std::move(respond));
    arrived_.notify_all();
  }
  Responder take() {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [&] { return respond_.has_value(); });
    Responder respond = std::move(*respond_);
    respond_.reset();
    return respond;
  }
  const Request& request() { return *request_; }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::optional<Responder> respond_;
  const Request* request_ = nullptr;
};

TEST(HttpServer, AnswersOverAKeptConnection) {
  Loopback loopback;
  RawClient client(loopback.port());
  client.send(kGet);
  const std::string first = client.read_reply();
  EXPECT_THAT(first, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(body_of(first), "GET /a?b=c ");
  EXPECT_TRUE(has_date_and_id(first)) << first;
  EXPECT_THAT(first, Not(HasSubstr("Connection:")));
  client.send(post("/b", "hello"));
  const std::string second = client.read_reply();
  EXPECT_EQ(body_of(second), "POST /b hello");
  const auto id_of = [](const std::string& reply) {
    return reply.substr(reply.find("X-Request-Id"), 46);
  };
  EXPECT_NE(id_of(first), id_of(second));
}

TEST(HttpServer, ClosesWhenAskedTo) {
  Loopback loopback;
  const std::string reply = loopback.exchange(kGetAndClose);
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(reply, HasSubstr("\r\nConnection: close\r\n"));
}

TEST(HttpServer, Http10ClosesUnlessItAsksToBeKept) {
  Loopback loopback;
  EXPECT_THAT(loopback.exchange("GET / HTTP/1.0\r\n\r\n"), HasSubstr("\r\nConnection: close\r\n"));
  RawClient client(loopback.port());
  client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(client.read_reply(), HasSubstr("\r\nConnection: keep-alive\r\n"));
  client.send(kGetAndClose);
  EXPECT_THAT(client.read_all(), StartsWith("HTTP/1.1 200"));
}

TEST(HttpServer, AnswersFiftyPipelinedRequestsInOrder) {
  Loopback loopback;
  RawClient client(loopback.port());
  std::string requests;
  for (int i = 0; i < 50; ++i) {
    requests += post("/p" + std::to_string(i), std::string(static_cast<std::size_t>(i), 'x'));
  }
  client.send(requests);
  for (int i = 0; i < 50; ++i) {
    EXPECT_THAT(body_of(client.read_reply()), StartsWith("POST /p" + std::to_string(i) + " "));
  }
}

TEST(HttpServer, ReadsARequestThatArrivesByteByByte) {
  Loopback loopback;
  RawClient client(loopback.port());
  for (const char c : "\r\n" + post("/slow", "body")) {
    ASSERT_TRUE(client.send({&c, 1}));
  }
  EXPECT_EQ(body_of(client.read_reply()), "POST /slow body");
}

TEST(HttpServer, ReadsAChunkedBodyAndDropsItsTrailer) {
  Loopback loopback;
  RawClient client(loopback.port());
  const std::string request =
      "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "4\r\nabcd\r\nA\r\n0123456789\r\n0\r\nX-Trailer: no\r\n\r\n" +
      std::string(kGet);
  client.send(request);
  EXPECT_EQ(body_of(client.read_reply()), "POST /c abcd0123456789");
  EXPECT_EQ(body_of(client.read_reply()), "GET /a?b=c ");
  for (const char c : request) {
    ASSERT_TRUE(client.send({&c, 1}));
  }
  EXPECT_EQ(body_of(client.read_reply()), "POST /c abcd0123456789");
}

TEST(HttpServer, ReadsALargeBody) {
  Loopback loopback;
  RawClient client(loopback.port());
  const std::string body(1'000'000, 'z');
  client.send(post("/l", body));
  EXPECT_EQ(body_of(client.read_reply()), "POST /l " + body);
  EXPECT_TRUE(loopback.wait_for([](const Stats& stats) { return stats.body_memory == 0; }));
}

TEST(HttpServer, HeadGetsTheLengthButNoBody) {
  Loopback loopback;
  const std::string reply =
      loopback.exchange("HEAD /abc HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(reply, HasSubstr("\r\nContent-Length: 10\r\n"));
  EXPECT_EQ(body_of(reply), "");
}

TEST(HttpServer, SaysContinueOnlyWhenTheBodyIsWanted) {
  EchoHandler echo;
  Loopback loopback({}, {Route{"/small", &echo, 4}});
  RawClient client(loopback.port());
  client.send("POST /c HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(client.read_reply(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("abc");
  EXPECT_EQ(body_of(client.read_reply()), "POST /c abc");

  EXPECT_THAT(loopback.exchange("POST /small HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                                "Content-Length: 5\r\n\r\n"),
              StartsWith("HTTP/1.1 413 "));
}

TEST(HttpServer, RefusesOtherExpectations) {
  Loopback loopback;
  const std::string reply = loopback.exchange("GET / HTTP/1.1\r\nHost: x\r\nExpect: more\r\n\r\n");
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 417 "));
  EXPECT_TRUE(has_date_and_id(reply)) << reply;
}

TEST(HttpServer, TargetsInAbsoluteAndAsteriskFormAreTaken) {
  Loopback loopback;
  RawClient client(loopback.port());
  client.send("GET http://x:80/p?q HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(body_of(client.read_reply()), "GET /p?q ");
  client.send("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(body_of(client.read_reply()), "OPTIONS * ");
  client.send("GET * HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.read_reply(), StartsWith("HTTP/1.1 400 "));
}

TEST(HttpServer, HeadOverItsLimitIsRefused) {
  Options options;
  options.header_bytes_max = 1024;
  Loopback loopback(options);
  const std::string long_header = "X: " + std::string(2000, 'y') + "\r\n";
  EXPECT_THAT(loopback.exchange("GET / HTTP/1.1\r\nHost: x\r\n" + long_header + "\r\n"),
              StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(loopback.exchange("GET / HTTP/1.1\r\nHost: x\r\n" + long_header),
              StartsWith("HTTP/1.1 431 "));
}

TEST(HttpServer, HeadOf32KiBIsRead) {
  Loopback loopback;
  RawClient client(loopback.port());
  std::string request = "GET / HTTP/1.1\r\nHost: x\r\nX: ";
  request += std::string((32U << 10U) - request.size() - 4, 'y') + "\r\n\r\n";
  client.send(request);
  EXPECT_THAT(client.read_reply(), StartsWith("HTTP/1.1 200 "));
}

TEST(HttpServer, BodyOverTheRoutesLimitIsTheHandlersToRefuse) {
  EchoHandler echo;
  Loopback loopback({}, {Route{"/small", &echo, 100}});
  const std::string large = post("/small", std::string(1'000'000, 'b'));
  RawClient client(loopback.port());
  EXPECT_TRUE(client.send(large));  // read and dropped, so that the answer is not lost
  const std::string reply = client.read_all();
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(reply, HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_EQ(body_of(reply), "POST /small ");

  RawClient chunked(loopback.port());
  chunked.send("POST /small HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n" +
               std::string(64, 'b') + "\r\n40\r\n");
  EXPECT_THAT(chunked.read_reply(), StartsWith("HTTP/1.1 413 "));
}

TEST(HttpServer, BodiesBeyondTheServersMemoryArePushedBack) {
  Options options;
  options.body_memory_max = 100'000;
  Loopback loopback(options);
  RawClient first(loopback.port());
  first.send(post("/", std::string(90'000, 'a')).substr(0, 80'000));
  ASSERT_TRUE(loopback.wait_for([](const Stats& stats) { return stats.body_memory > 50'000; }));
  RawClient second(loopback.port());
  second.send(post("/", std::string(60'000, 'a')));
  EXPECT_THAT(second.read_reply(), StartsWith("HTTP/1.1 503 "));
  first.close();
  ASSERT_TRUE(loopback.wait_for([](const Stats& stats) { return stats.body_memory < 50'000; }));
  RawClient third(loopback.port());
  third.send(post("/", std::string(60'000, 'a')));
  EXPECT_THAT(third.read_reply(), StartsWith("HTTP/1.1 200 "));
}

TEST(HttpServer, BodyThatDripsIsTheHandlersToRefuse) {
  Options options;
  options.body_timeout = milliseconds(40);
  Loopback loopback(options);
  RawClient client(loopback.port());
  client.send("POST /d HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n");
  while (client.received.empty() && client.send("x")) {
    client.read_until([polls = 0]() mutable { return ++polls > 0; });
    pollfd waited{client.socket(), POLLIN, 0};
    if (::poll(&waited, 1, 5) > 0) {
      break;
    }
  }
  const std::string reply = client.read_reply();
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 408 "));
  EXPECT_EQ(body_of(reply), "POST /d ");
}

TEST(HttpServer, HeadThatDoesNotArriveIsRefused) {
  Options options;
  options.header_timeout = milliseconds(30);
  Loopback loopback(options);
  EXPECT_THAT(loopback.exchange("GET / HT"), StartsWith("HTTP/1.1 408 "));
  EXPECT_EQ(loopback.exchange(""), "");
}

TEST(HttpServer, IdleConnectionIsClosed) {
  Options options;
  options.idle_timeout = milliseconds(30);
  Loopback loopback(options);
  RawClient client(loopback.port());
  client.send(kGet);
  EXPECT_THAT(client.read_reply(), StartsWith("HTTP/1.1 200 "));
  EXPECT_TRUE(client.closed_by_server());
}

TEST(HttpServer, ClientThatDoesNotReadIsClosed) {
  Options options;
  options.write_timeout = milliseconds(50);
  FunctionHandler large([](const Request&, Responder respond) {
    Reply reply;
    reply.body.assign(64U << 20U, 'x');
    respond(std::move(reply));
  });
  Loopback loopback(options, {Route{"/large", &large}});
  RawClient client(loopback.port());
  client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(loopback.wait_for(
      [](const Stats& stats) { return stats.requests_total == 1 && stats.connections == 0; }));
}

TEST(HttpServer, ConnectionsBeyondTheLimitAreRefused) {
  Options options;
  options.connections_max = 2;
  Loopback loopback(options);
  RawClient first(loopback.port());
  RawClient second(loopback.port());
  ASSERT_TRUE(loopback.wait_for([](const Stats& stats) { return stats.connections == 2; }));
  const std::string reply = loopback.exchange("");
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 503 "));
  EXPECT_TRUE(has_date_and_id(reply)) << reply;
  EXPECT_EQ(loopback.server().stats().connections_refused_total, 1U);
  first.close();
  ASSERT_TRUE(loopback.wait_for([](const Stats& stats) { return stats.connections == 1; }));
  EXPECT_THAT(loopback.exchange(kGetAndClose), StartsWith("HTTP/1.1 200 "));
}

TEST(HttpServer, ReplyFromAnotherThreadIsSent) {
  HoldingHandler holding;
  Loopback loopback({}, {Route{"/h", &holding}});
  RawClient client(loopback.port());
  client.send(post("/h", "kept") + std::string(kGet));
  Responder respond = holding.take();
  EXPECT_EQ(holding.request().body, "kept");
  EXPECT_TRUE(client.received.empty());
  Reply reply;
  reply.status = 202;
  respond(std::move(reply));
  EXPECT_THAT(client.read_reply(), StartsWith("HTTP/1.1 202 Accepted\r\n"));
  EXPECT_THAT(client.read_reply(), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST(HttpServer, RequestStaysReadableAfterTheClientHasGone) {
  HoldingHandler holding;
  Loopback loopback({}, {Route{"/h", &holding}});
  RawClient client(loopback.port());
  client.send(post("/h", "kept"));
  Responder respond = holding.take();
  client.close();
  EXPECT_EQ(holding.request().body, "kept");
  respond(Reply{});
  EXPECT_TRUE(loopback.wait_for([](const Stats& stats) { return stats.connections == 0; }));
}

TEST(HttpServer, ReplyAfterTheServerHasGoneIsDropped) {
  HoldingHandler holding;
  Loopback loopback({}, {Route{"/h", &holding}});
  RawClient client(loopback.port());
  client.send(post("/h", "kept"));
  Responder respond = holding.take();
  loopback.destroy();
  EXPECT_EQ(holding.request().body, "kept");
  respond(Reply{});
  EXPECT_EQ(client.read_all(), "");
}

TEST(HttpServer, UnusedResponderAnswers500) {
  FunctionHandler silent([](const Request&, Responder) {});
  Loopback loopback({}, {Route{"/s", &silent}});
  const std::string reply = loopback.exchange("GET /s HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 500 "));
  EXPECT_TRUE(has_date_and_id(reply)) << reply;
}

TEST(HttpServer, LineBreaksInReplyHeadersStartNoHeader) {
  FunctionHandler handler([](const Request&, Responder respond) {
    Reply reply;
    reply.add("X-Echo", "a\r\nSet-Cookie: b").add("Content-Length", "999");
    reply.close = true;
    respond(std::move(reply));
  });
  Loopback loopback({}, {Route{"/s", &handler}});
  const std::string reply = loopback.exchange("GET /s HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(reply, HasSubstr("\r\nX-Echo: a  Set-Cookie: b\r\n"));
  EXPECT_THAT(reply, HasSubstr("\r\nContent-Length: 0\r\n"));
  EXPECT_THAT(reply, Not(HasSubstr("999")));
}

TEST(HttpServer, TheClientIsWhomATrustedProxyNames) {
  FunctionHandler who([](const Request& request, Responder respond) {
    Reply reply;
    reply.body = std::string(request.peer_ip) + " " + std::string(request.socket_ip) +
                 (request.secure ? " secure" : " plain");
    respond(std::move(reply));
  });
  constexpr std::string_view kForwarded =
      "GET /who HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 6.6.6.6, 198.51.100.7\r\n"
      "X-Forwarded-For: 10.0.0.9\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n";
  Loopback direct({}, {Route{"/who", &who}});
  EXPECT_EQ(body_of(direct.exchange(kForwarded)), "127.0.0.1 127.0.0.1 plain");
  Options options;
  options.trusted_proxies = {"127.0.0.1", "10.0.0.0/8"};
  Loopback proxied(options, {Route{"/who", &who}});
  EXPECT_EQ(body_of(proxied.exchange(kForwarded)), "198.51.100.7 127.0.0.1 secure");
}

TEST(HttpServer, StopAnswersWhatHasArrived) {
  HoldingHandler holding;
  Loopback loopback({}, {Route{"/h", &holding}});
  RawClient idle(loopback.port());
  idle.send(kGet);
  idle.read_reply();
  RawClient busy(loopback.port());
  busy.send(post("/h", "kept"));
  Responder respond = holding.take();
  std::thread stopping([&] { loopback.server().stop(milliseconds(kPatienceMs)); });
  EXPECT_TRUE(idle.closed_by_server());
  respond(Reply{});
  const std::string reply = busy.read_all();
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(reply, HasSubstr("\r\nConnection: close\r\n"));
  busy.close();
  stopping.join();
  EXPECT_FALSE(RawClient(loopback.port()).connected());
}

TEST(HttpServer, StopServesWhoeverIsWaitingToBeAccepted) {
  std::promise<void> entered;
  std::promise<void> let_go;
  FunctionHandler blocking([&](const Request&, Responder respond) {
    entered.set_value();
    let_go.get_future().wait();
    respond(Reply{});
  });
  Loopback loopback({}, {Route{"/block", &blocking}});
  RawClient first(loopback.port());
  first.send(post("/block", ""));
  entered.get_future().wait();
  std::deque<RawClient> waiting;
  for (int i = 0; i < 200; ++i) {
    waiting.emplace_back(loopback.port());
    ASSERT_TRUE(waiting.back().connected());
    waiting.back().send(kGet);
  }
  std::thread stopping([&] { loopback.server().stop(milliseconds(kPatienceMs)); });
  ::poll(nullptr, 0, 10);  // for stop() to begin
  let_go.set_value();
  std::size_t answered = 0;
  for (RawClient& client : waiting) {
    answered += client.read_all().starts_with("HTTP/1.1 200 ") ? 1 : 0;
    client.close();
  }
  first.close();
  stopping.join();
  EXPECT_EQ(answered, waiting.size());
}

TEST(HttpServer, StopDoesNotWaitLongerThanItsGrace) {
  HoldingHandler holding;
  Loopback loopback({}, {Route{"/h", &holding}});
  RawClient busy(loopback.port());
  busy.send(post("/h", "kept"));
  Responder respond = holding.take();
  loopback.server().stop(milliseconds(10));
  EXPECT_TRUE(busy.closed_by_server());
}

TEST(HttpServer, SeveralThreadsServeOnePort) {
  Options options;
  options.threads = 3;
  Loopback loopback(options);
  ASSERT_TRUE(loopback.running()) << loopback.error();
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(loopback.exchange(kGetAndClose), StartsWith("HTTP/1.1 200 "));
  }
}

TEST(HttpServer, TakenPortIsAnError) {
  Options options;
  options.threads = 2;
  Loopback loopback(options);
  base::SystemClock clock;
  base::SeededRandom random(1);
  EchoHandler echo;
  options.port = loopback.port();
  const auto second = Server::start(options, {}, echo, {clock, random, base::null_log()});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, base::Code::kUnavailable);
  EXPECT_THAT(second.error().message, HasSubstr(std::to_string(loopback.port())));
}

}  // namespace
}  // namespace http
