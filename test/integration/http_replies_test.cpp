// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "http_fixture.hpp"

#include <harpia/page.hpp>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace test = harpia::test;
using harpia::test::respond;

namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

/// A client of /stream that has got its head.
test::raw_client open_stream(test::http_fixture& here, std::optional<harpia::http_stream>& stream) {
  here.app.get("/stream", [&](const harpia::request&, harpia::http_reply reply) { stream = reply.stream(); });
  here.start();
  auto client = here.connect();
  client.send_raw(test::http_fixture::request("GET /stream"));
  BOOST_TEST(client.read_head().status == 200);
  return client;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(http_replies, test::http_fixture)

// Late answers

BOOST_AUTO_TEST_CASE(a_page_may_be_answered_later_from_any_thread) {
  app.post("/later", [](const harpia::request& asked, harpia::http_reply reply) {
    std::thread{[reply = std::move(reply), body = std::string{asked.body()}] { reply.send(respond(body)); }}.detach();
  });
  start();
  auto client = connect();
  for (int i = 0; i < 20; ++i)
    BOOST_TEST(ask(client, "POST /later", {}, "number " + std::to_string(i)).body == "number " + std::to_string(i));
}

BOOST_AUTO_TEST_CASE(a_page_may_be_answered_at_once_by_its_reply) {
  app.get("/now", [](const harpia::request&, harpia::http_reply reply) {
    reply.send(respond("first"));
    reply.send(respond("second")); // the first one counts
  });
  start();
  auto client = connect();
  BOOST_TEST(ask(client, "GET /now").body == "first");
  BOOST_TEST(ask(client, "GET /hello").body == "hello");
}

BOOST_AUTO_TEST_CASE(a_page_without_an_answer_is_500_or_504) {
  std::optional<harpia::http_reply> kept;
  app.get("/none", [](const harpia::request&, harpia::http_reply) {});
  app.get("/throws", [](const harpia::request&, harpia::http_reply) { test::boom(); });
  app.get("/never", [&](const harpia::request&, harpia::http_reply reply) { kept = std::move(reply); });
  start();
  BOOST_TEST(ask("GET /none").status == 500);
  BOOST_TEST(ask("GET /throws").status == 500);
  BOOST_TEST(ask("GET /never").status == 504);
  kept->send(respond("too late")); // and harms nobody
  kept.reset();
  BOOST_TEST(ask("GET /hello").body == "hello");
}

BOOST_AUTO_TEST_CASE(a_reply_is_told_what_cannot_be_sent) {
  app.get("/bad", [&](const harpia::request&, harpia::http_reply reply) {
    const auto is_refused = [&](harpia::http_response response) {
      try {
        reply.send(std::move(response));
        return false;
      } catch (const std::invalid_argument& refused) {
        log.add(refused.what());
        return true;
      }
    };
    const bool all =
        is_refused({.headers = {{"A", "b\r\nc"}}}) && is_refused({.status = 100}) && is_refused({.status = 204, .body = "x"});
    reply.send(respond(all ? "all refused" : "not refused"));
  });
  start();
  BOOST_TEST(ask("GET /bad").body == "all refused");
}

BOOST_AUTO_TEST_CASE(a_client_that_goes_before_its_answer_harms_nobody) {
  std::optional<harpia::http_reply> kept;
  app.get("/never", [&](const harpia::request&, harpia::http_reply reply) {
    kept = std::move(reply);
    log.add("asked");
  });
  start();
  auto client = connect();
  client.send_raw(request("GET /never"));
  log.wait_for("asked");
  client.reset();
  BOOST_REQUIRE(test::eventually([&] { return app.statistics().handshakes == 0; }));
  kept->send(respond("too late"));
  kept.reset();
  BOOST_TEST(ask("GET /hello").body == "hello");
}

BOOST_AUTO_TEST_CASE(a_reply_may_outlive_the_app) {
  std::optional<harpia::http_reply> kept;
  std::optional<harpia::http_stream> stream;
  {
    harpia::app brief{{.handshake_timeout = 100ms}};
    brief.get("/never", [&](const harpia::request&, harpia::http_reply reply) { kept = std::move(reply); });
    brief.get("/stream", [&](const harpia::request&, harpia::http_reply reply) { stream = reply.stream(); });
    brief.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
    auto client = test::raw_client::tcp(brief.port());
    client.send_raw(request("GET /stream"));
    BOOST_TEST(client.read_head().status == 200);
    auto other = test::raw_client::tcp(brief.port());
    other.send_raw(request("GET /never"));
    BOOST_TEST(other.read_reply().status == 504);
  }
  kept->send(respond("too late"));
  BOOST_TEST((stream->write("too late") == harpia::send_status::closed));
  BOOST_TEST(!stream->is_open());
  stream->on_close([] {});
}

// Streams

BOOST_AUTO_TEST_CASE(a_body_may_be_written_piece_by_piece) {
  std::optional<harpia::http_stream> stream;
  app.get("/stream", [&](const harpia::request&, harpia::http_reply reply) {
    stream = reply.stream({.content_type = "text/event-stream"});
    log.add("streaming");
  });
  start();
  auto client = connect();
  client.send_raw(request("GET /stream"));
  const auto head = client.read_head();
  BOOST_TEST(head.status == 200);
  BOOST_TEST(head.header("Content-Type") == "text/event-stream");
  BOOST_TEST(head.header("Transfer-Encoding") == "chunked");
  BOOST_TEST(head.header("Content-Length") == "");
  for (const auto* piece : {"one", "two", "three"}) {
    BOOST_TEST((stream->write(piece) == harpia::send_status::sent));
    BOOST_TEST(client.read_chunk() == piece);
  }
  BOOST_TEST(stream->is_open());
  stream->end();
  BOOST_TEST(client.read_chunk() == "");
  BOOST_TEST((stream->write("more") == harpia::send_status::closed));
  BOOST_TEST(!stream->is_open());
  BOOST_TEST(ask(client, "GET /hello").body == "hello");
}

BOOST_AUTO_TEST_CASE(a_stream_ends_with_its_last_copy) {
  app.get("/stream", [](const harpia::request&, harpia::http_reply reply) {
    const auto stream = reply.stream();
    stream.write("some");
    stream.write("thing");
  });
  start();
  auto client = connect();
  BOOST_TEST(ask(client, "GET /stream").body == "something");
  BOOST_TEST(ask(client, "GET /hello").body == "hello");
}

BOOST_AUTO_TEST_CASE(a_stream_of_http_1_0_ends_with_its_connection) {
  app.get("/stream", [](const harpia::request&, harpia::http_reply reply) { reply.stream().write("something"); });
  start();
  auto client = connect();
  const auto reply = client.http("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  BOOST_TEST(reply.body == "something");
  BOOST_TEST(reply.header("Transfer-Encoding") == "");
  BOOST_TEST(reply.header("Connection") == "close");
}

BOOST_AUTO_TEST_CASE(head_of_a_stream_has_no_body) {
  app.get("/stream", [](const harpia::request&, harpia::http_reply reply) { reply.stream().write("something"); });
  start();
  auto client = connect();
  BOOST_TEST(ask(client, "HEAD /stream").header("Transfer-Encoding") == "chunked");
  BOOST_TEST(ask(client, "GET /hello").body == "hello");
}

BOOST_AUTO_TEST_CASE(a_stream_has_back_pressure_and_drains) {
  constexpr std::size_t limit = 1 << 20;
  std::optional<harpia::http_stream> stream;
  app.get("/stream", [&](const harpia::request&, harpia::http_reply reply) {
    stream = reply.stream({}, {.high_watermark = 1000, .low_watermark = 100, .max_buffered = limit});
    stream->on_drain([&] { log.add("drain"); });
    log.add("streaming");
  });
  start();
  auto client = connect();
  client.send_raw(request("GET /stream"));
  log.wait_for("streaming");
  const std::string piece(10'000, 'x');
  std::size_t accepted = 0;
  std::size_t dropped = 0;
  while (dropped == 0 && accepted < (std::size_t{64} << 20)) {
    const auto status = stream->write(piece);
    BOOST_REQUIRE((status == harpia::send_status::buffered || status == harpia::send_status::dropped));
    (status == harpia::send_status::dropped ? dropped : accepted) += piece.size();
    BOOST_REQUIRE(stream->buffered() <= limit);
  }
  BOOST_TEST(dropped > 0U);
  const auto drains = log.count("drain");
  std::size_t received = 0;
  BOOST_TEST(client.read_head().status == 200);
  while (received < accepted)
    received += client.read_chunk().size();
  BOOST_TEST(received == accepted);
  log.wait_for("drain", drains + 1);
  BOOST_TEST(stream->buffered() == 0U);
  stream->end();
  BOOST_TEST(client.read_chunk() == "");
}

BOOST_AUTO_TEST_CASE(a_writer_learns_that_its_client_has_gone) {
  std::optional<harpia::http_stream> stream;
  app.get("/stream", [&](const harpia::request&, harpia::http_reply reply) {
    stream = reply.stream();
    stream->on_close([&] { log.add("gone"); });
  });
  start();
  for (const bool in_order : {true, false}) {
    auto client = connect();
    client.send_raw(request("GET /stream"));
    BOOST_TEST(client.read_head().status == 200);
    in_order ? client.close() : client.reset();
    log.wait_for("gone", in_order ? 1 : 2);
    BOOST_TEST((stream->write("x") == harpia::send_status::closed));
  }
  BOOST_TEST(!stream->is_open());
}

BOOST_AUTO_TEST_CASE(a_request_that_comes_during_a_stream_is_answered_after_it) {
  std::optional<harpia::http_stream> stream;
  auto client = open_stream(*this, stream);
  client.send_raw(request("GET /hello"));
  stream->write("x");
  BOOST_TEST(client.read_chunk() == "x");
  stream->end();
  BOOST_TEST(client.read_chunk() == "");
  BOOST_TEST(client.read_reply().body == "hello");
}

BOOST_AUTO_TEST_CASE(a_page_that_is_to_be_answered_later_is_waited_for_when_the_app_stops) {
  harpia::app patient{{.stop_timeout = 20s}};
  std::optional<harpia::http_reply> kept;
  patient.get("/later", [&](const harpia::request&, harpia::http_reply reply) {
    kept = std::move(reply);
    log.add("asked");
  });
  patient.start({.port = 0, .hostname = "127.0.0.1", .threads = 2});
  auto client = test::raw_client::tcp(patient.port());
  client.send_raw(request("GET /later"));
  log.wait_for("asked");
  std::promise<void> ended;
  std::future_status before{};
  std::thread answering{[&, end = ended.get_future()] {
    before = end.wait_for(1s); // longer than a stop waits for requests that are on their way
    kept->send(respond("at last"));
  }};
  patient.stop();
  patient.wait();
  ended.set_value();
  answering.join();
  BOOST_TEST((before == std::future_status::timeout));
  BOOST_TEST(client.read_reply().body == "at last");
}

BOOST_AUTO_TEST_CASE(a_stream_ends_when_the_app_stops) {
  std::optional<harpia::http_stream> stream;
  auto client = open_stream(*this, stream);
  app.stop();
  app.wait();
  BOOST_TEST(client.at_eof());
}

BOOST_AUTO_TEST_CASE(functions_may_own_the_stream_that_they_belong_to) {
  const auto witness = std::make_shared<int>();
  app.get("/pulled", [&, witness](const harpia::request&, harpia::http_reply reply) {
    const auto stream = reply.stream({}, {.high_watermark = 1000, .low_watermark = 100});
    auto left = std::make_shared<int>(50);
    stream.on_drain([stream, left, witness] { --*left > 0 ? void(stream.write(std::string(5000, 'x'))) : stream.end(); });
    stream.on_close([stream, witness, this] { log.add("gone"); });
    stream.write(std::string(5000, 'x'));
  });
  start();
  auto client = connect();
  BOOST_TEST(ask(client, "GET /pulled").body.size() == 50 * 5000U);
  // And a client that goes in the middle of it.
  auto other = test::raw_client::tcp(app.port(), {.receive_buffer = 4096});
  other.send_raw(request("GET /pulled"));
  BOOST_TEST(other.read_head().status == 200);
  other.reset();
  BOOST_REQUIRE(test::eventually([&] { return app.statistics().handshakes == 0; }));
  BOOST_TEST(test::eventually([&] { return witness.use_count() == 2; })); // that of the route and ours: nothing is left
  BOOST_TEST(ask(client, "GET /hello").body == "hello");
}

BOOST_AUTO_TEST_CASE(a_stream_that_nobody_reads_does_not_stay_open) {
  std::optional<harpia::http_stream> stream;
  app.get("/twice", [&](const harpia::request&, harpia::http_reply reply) {
    reply.send(respond("first"));
    stream = reply.stream(); // too late
    stream->on_close([&] { log.add("gone"); });
  });
  start();
  auto client = connect();
  BOOST_TEST(ask(client, "GET /twice").body == "first");
  log.wait_for("gone");
  BOOST_TEST(!stream->is_open());
  BOOST_TEST((stream->write("x") == harpia::send_status::closed));
}

BOOST_AUTO_TEST_CASE(a_stream_cannot_have_what_is_not_known_yet) {
  app.get("/stream", [&](const harpia::request&, harpia::http_reply reply) {
    BOOST_CHECK_THROW((void)reply.stream({.body = "x"}), std::invalid_argument);
    BOOST_CHECK_THROW((void)reply.stream({.headers = {{"content-length", "1"}}}), std::invalid_argument);
    BOOST_CHECK_THROW((void)reply.stream({.status = 99}), std::invalid_argument);
    BOOST_CHECK_THROW((void)reply.stream({.status = 204}), std::invalid_argument);
    BOOST_CHECK_THROW((void)reply.stream({}, {.high_watermark = 1, .low_watermark = 2}), std::invalid_argument);
    reply.send(respond("refused"));
  });
  start();
  BOOST_TEST(ask("GET /stream").body == "refused");
}

BOOST_AUTO_TEST_CASE(an_event_is_written_as_browsers_read_it) {
  using harpia::to_text;
  BOOST_TEST(to_text(harpia::server_sent_event{.data = "hello"}) == "data: hello\n\n");
  BOOST_TEST(to_text(harpia::server_sent_event{.data = "a\nb\r\nc\rd\n"}) == "data: a\ndata: b\ndata: c\ndata: d\ndata: \n\n");
  BOOST_TEST(to_text(harpia::server_sent_event{.data = "x", .event = "price", .id = "7", .retry = 500})
             == "event: price\nid: 7\nretry: 500\ndata: x\n\n");
  BOOST_TEST(to_text(harpia::server_sent_event{}) == ":\n\n");
  BOOST_CHECK_THROW((void)to_text(harpia::server_sent_event{.event = "a\nb"}), std::invalid_argument);
  BOOST_CHECK_THROW((void)to_text(harpia::server_sent_event{.id = "a\rb"}), std::invalid_argument);
  BOOST_CHECK_THROW((void)to_text(harpia::server_sent_event{.id = {"\0", 1}}), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
