// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/deflate_peer.hpp"
#include "support/event_log.hpp"
#include "support/raw_client.hpp"

#include <harpia/harpia.hpp>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// permessage-deflate over real sockets, with a client that compresses by another implementation.

namespace test = harpia::test;
using harpia::audience;
using harpia::context_takeover;
using harpia::deflate_options;
using harpia::message_view;

namespace {

const deflate_options both_take_over{
    .server_context_takeover = context_takeover::enabled, .client_context_takeover = context_takeover::enabled};

std::string text(std::string_view topic, std::size_t size = 500) {
  std::string all;
  for (std::size_t i = 0; all.size() < size; ++i)
    all.append(topic).append(" ").append(std::to_string(i * 7919 % 1009)).append("; ");
  return all;
}

enum class remembers : bool { no, yes };

/// A client that speaks permessage-deflate.
class deflating_client {
public:
  deflating_client(std::uint16_t port, std::string_view path, const std::string& offer, remembers ours = remembers::no,
                   int window = 15)
      : socket_{test::raw_client::tcp(port)}, remembers_{ours}, peer_{window, window} {
    const auto answer = offer.empty() ? socket_.upgrade(path) : socket_.upgrade(path, {{"Sec-WebSocket-Extensions", offer}});
    BOOST_REQUIRE(answer.status == 101);
    extension = answer.header("Sec-WebSocket-Extensions");
  }

  /// @return bytes of the compressed payload
  std::size_t send(std::string_view message) {
    const auto bytes = deflated(message);
    socket_.send_raw(test::encode_frame({.rsv1 = true, .payload = bytes}));
    return bytes.size();
  }
  void send_in_fragments(std::string_view message, std::size_t piece) {
    const auto bytes = deflated(message);
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      socket_.send_raw(test::encode_frame({.fin = at + piece >= bytes.size(),
                                           .rsv1 = at == 0,
                                           .opcode = at == 0 ? test::opcode::text : test::opcode::continuation,
                                           .payload = bytes.substr(at, piece)}));
      socket_.send_frame(test::opcode::pong, "unasked");
    }
  }

  /// The next message.
  std::string read() {
    const auto frame = socket_.read_frame();
    BOOST_REQUIRE(frame.fin);
    BOOST_REQUIRE(frame.opcode <= test::opcode::binary);
    was_compressed = frame.rsv1;
    size = frame.payload.size();
    if (!frame.rsv1)
      return frame.payload;
    auto message = peer_.inflated(frame.payload);
    if (remembers_ == remembers::no)
      peer_.forget();
    return message;
  }

  test::raw_client& socket() { return socket_; }

  std::string extension;
  bool was_compressed = false; // what was read last
  std::size_t size = 0;        // of its payload

private:
  std::string deflated(std::string_view message) {
    auto bytes = peer_.deflated(message);
    if (remembers_ == remembers::no)
      peer_.forget();
    return bytes;
  }

  test::raw_client socket_;
  remembers remembers_;
  test::deflate_peer peer_;
};

/// Echoes on each path with other options; "/plain" sends back uncompressed.
struct server {
  server() {
    add("/default", {});
    add("/takeover", both_take_over);
    add("/small", {.server_max_window_bits = 9,
                   .client_max_window_bits = 9,
                   .server_context_takeover = context_takeover::enabled,
                   .client_context_takeover = context_takeover::enabled});
    add("/fast", {.level = 1, .memory_level = 9, .threshold = 1000});
    app.ws("/plain",
           {.message = [](auto& ws, message_view message) { ws.send(message, {.compression = harpia::compression::disabled}); }},
           {.compression = harpia::compression::enabled});
    app.ws("/bomb",
           {.message = [this](auto&, message_view) { log.add("message"); },
            .error = [this](auto&, const harpia::error& what) { log.add("error " + std::string{what.code().message()}); }},
           {.max_payload = std::size_t{64} << 10, .compression = harpia::compression::enabled});
    app.start({.port = 0, .hostname = "127.0.0.1", .threads = 2});
  }
  ~server() { app.stop(); }

  void add(std::string_view path, const deflate_options& options) {
    app.ws(path, {.message = [](auto& ws, message_view message) { ws.send(message); }},
           {.compression = harpia::compression::enabled, .deflate = options});
  }

  test::event_log log;
  harpia::app app;
};

} // namespace

BOOST_AUTO_TEST_SUITE(compression)

BOOST_FIXTURE_TEST_CASE(with_context_takeover_both_ways_messages_refer_to_those_before, server) {
  deflating_client client{app.port(), "/takeover", "permessage-deflate; client_max_window_bits", remembers::yes};
  BOOST_TEST(client.extension == "permessage-deflate");
  for (int i = 0; i < 10; ++i) {
    const auto message = text("prices") + std::to_string(i);
    const auto sent = client.send(message);
    BOOST_TEST((client.read() == message));
    BOOST_TEST(client.was_compressed);
    BOOST_TEST((i == 0) == (sent > 100));
    BOOST_TEST((i == 0) == (client.size > 100));
  }
}

BOOST_FIXTURE_TEST_CASE(a_client_may_decline_context_takeover_in_either_direction, server) {
  deflating_client neither{app.port(), "/takeover", "permessage-deflate; server_no_context_takeover; client_no_context_takeover"};
  BOOST_TEST(neither.extension == "permessage-deflate; server_no_context_takeover; client_no_context_takeover");
  const auto message = text("prices");
  std::size_t first = 0;
  for (int i = 0; i < 3; ++i) {
    neither.send(message);
    BOOST_TEST((neither.read() == message));
    BOOST_TEST(neither.size == (i == 0 ? first = neither.size : first));
  }
}

BOOST_FIXTURE_TEST_CASE(small_windows_are_kept_to_in_both_directions, server) {
  deflating_client client{app.port(), "/small", "permessage-deflate; client_max_window_bits", remembers::yes, 9};
  BOOST_TEST(client.extension == "permessage-deflate; server_max_window_bits=9; client_max_window_bits=9");
  for (int i = 0; i < 5; ++i) {
    const auto message = text("windows", 5000) + std::to_string(i);
    client.send(message);
    BOOST_TEST((client.read() == message));
    BOOST_TEST(client.was_compressed);
  }
  deflating_client cannot{app.port(), "/small", "permessage-deflate"};
  BOOST_TEST(cannot.extension == "");
}

BOOST_FIXTURE_TEST_CASE(below_the_threshold_messages_travel_as_they_are, server) {
  deflating_client client{app.port(), "/fast", "permessage-deflate"};
  for (const auto size : std::initializer_list<std::size_t>{1, 999, 1000, 100'000}) {
    auto message = text("threshold", size);
    message.resize(size);
    client.send(message);
    BOOST_TEST((client.read() == message));
    BOOST_TEST(client.was_compressed == (size >= 1000));
  }
}

BOOST_FIXTURE_TEST_CASE(a_message_that_opts_out_travels_as_it_is, server) {
  deflating_client client{app.port(), "/plain", "permessage-deflate"};
  const auto message = text("secret");
  client.send(message);
  BOOST_TEST((client.read() == message));
  BOOST_TEST(!client.was_compressed);
}

BOOST_FIXTURE_TEST_CASE(a_compressed_message_may_come_in_fragments_with_control_frames_between_them, server) {
  for (const auto* path : {"/default", "/takeover"}) {
    deflating_client client{
        app.port(), path, "permessage-deflate", path == std::string_view{"/takeover"} ? remembers::yes : remembers::no};
    for (const auto size : std::initializer_list<std::size_t>{1, 7, 100}) {
      const auto message = text("fragments", 3000);
      client.send_in_fragments(message, size);
      BOOST_TEST((client.read() == message));
    }
  }
}

BOOST_FIXTURE_TEST_CASE(large_messages_come_back_whole, server) {
  for (const auto* path : {"/default", "/takeover", "/fast"}) {
    deflating_client client{
        app.port(), path, "permessage-deflate", path == std::string_view{"/takeover"} ? remembers::yes : remembers::no};
    for (const auto size : std::initializer_list<std::size_t>{70'000, 700'000, 3'000'000}) {
      const auto message = text("large", size);
      client.send(message);
      BOOST_TEST((client.read() == message));
    }
  }
}

BOOST_FIXTURE_TEST_CASE(a_decompression_bomb_is_answered_with_1009, server) {
  auto client = test::raw_client::tcp(app.port());
  BOOST_REQUIRE(client.upgrade("/bomb", {{"Sec-WebSocket-Extensions", "permessage-deflate"}}).status == 101);
  client.send_raw(test::encode_frame({.rsv1 = true, .payload = test::deflate_peer{}.deflated(std::string(1 << 20, '\0'))}));
  BOOST_TEST(client.read_close().first == 1009);
  log.wait_for("error");
  BOOST_TEST(log.count("message") == 0u);
}

// Groups

namespace {

/// Routes whose members join one group each time.
struct room {
  room() {
    const std::pair<const char*, harpia::route_options> routes[]{
        {"/deflate", {.compression = harpia::compression::enabled}},
        {"/takeover", {.compression = harpia::compression::enabled, .deflate = both_take_over}},
        {"/conflate",
         {.high_watermark = 2000,
          .low_watermark = 1000,
          .max_buffered = 4000,
          .on_limit = harpia::on_limit::conflate,
          .compression = harpia::compression::enabled,
          .deflate = both_take_over}},
        {"/plain", {}}};
    for (const auto& [path, options] : routes)
      app.ws(path,
             {.open =
                  [this](auto& ws) {
                    ws.subscribe("room");
                    log.add("joined");
                  },
              .message =
                  [this](auto& ws, message_view message) {
                    if (message.text() != "handle") {
                      ws.publish("room", message, {.audience = audience::everyone});
                      return;
                    }
                    const std::scoped_lock lock{mutex};
                    handle = ws.handle();
                    log.add("handle");
                  }},
             options);
    app.start({.port = 0, .hostname = "127.0.0.1", .threads = 2});
  }
  ~room() { app.stop(); }

  test::event_log log;
  std::mutex mutex;
  harpia::handle handle; // guarded by mutex
  harpia::app app;
};

} // namespace

BOOST_FIXTURE_TEST_CASE(each_member_of_a_group_gets_messages_as_it_agreed_to, room) {
  std::vector<std::unique_ptr<deflating_client>> members;
  const auto add = [&](const char* path, const std::string& offer, remembers ours = remembers::no) {
    members.push_back(std::make_unique<deflating_client>(app.port(), path, offer, ours));
  };
  for (int i = 0; i < 4; ++i) { // on both loops
    add("/deflate", "permessage-deflate");
    add("/deflate", "permessage-deflate; server_max_window_bits=10");
    add("/deflate", "");
    add("/takeover", "permessage-deflate", remembers::yes);
    add("/takeover", "permessage-deflate; server_no_context_takeover; client_no_context_takeover");
    add("/plain", "permessage-deflate");
  }
  log.wait_for("joined", members.size());
  for (int round = 0; round < 5; ++round) {
    const auto message = text("news", 2000) + std::to_string(round);
    if (round % 2 == 0)
      app.group("room").publish(message);
    else
      members.front()->send(message);
    for (auto& member : members) {
      BOOST_TEST((member->read() == message));
      BOOST_TEST(member->was_compressed == !member->extension.empty());
    }
  }
  app.group("room").publish(text("open"), {.compression = harpia::compression::disabled});
  for (auto& member : members) {
    BOOST_TEST((member->read() == text("open")));
    BOOST_TEST(!member->was_compressed);
  }
}

BOOST_FIXTURE_TEST_CASE(what_handles_send_is_compressed_unless_it_opts_out, room) {
  for (const auto* path : {"/deflate", "/takeover"}) {
    deflating_client client{app.port(), path, "permessage-deflate", remembers::yes};
    client.socket().send_text("handle");
    log.wait_for("handle", path == std::string_view{"/deflate"} ? 1 : 2);
    const auto other = [this] {
      const std::scoped_lock lock{mutex};
      return handle;
    }();
    for (int i = 0; i < 3; ++i) {
      other.send(text("handle"));
      BOOST_TEST((client.read() == text("handle")));
      BOOST_TEST(client.was_compressed);
      other.send(text("open"), {.compression = harpia::compression::disabled});
      BOOST_TEST((client.read() == text("open")));
      BOOST_TEST(!client.was_compressed);
    }
  }
}

// A message that was replaced must not be missed by those that refer to others.
BOOST_FIXTURE_TEST_CASE(a_slow_member_under_conflate_can_read_what_is_left_for_it, room) {
  auto socket = test::raw_client::tcp(app.port(), {.receive_buffer = 4096});
  BOOST_REQUIRE(
      socket.upgrade("/conflate", {{"Sec-WebSocket-Extensions", "permessage-deflate"}}).header("Sec-WebSocket-Extensions")
      == "permessage-deflate");
  log.wait_for("joined");
  const auto group = app.group("room");
  std::string noise;
  unsigned state = 1;
  constexpr int count = 20'000;
  const auto message = [&](int number) {
    noise.assign(1000, '\0');
    for (auto& byte : noise)
      byte = static_cast<char>('!' + (state = state * 1664525 + 1013904223) % 90);
    return std::to_string(number) + " " + noise;
  };
  for (int i = 0; i < count; ++i)
    group.publish(message(i), {.key = "the one"});
  group.publish("the end of it", {.key = "the end"});
  test::deflate_peer peer;
  int last = -1;
  int received = 0;
  for (;;) {
    const auto frame = socket.read_frame();
    const auto got = frame.rsv1 ? peer.inflated(frame.payload) : frame.payload;
    if (got == "the end of it")
      break;
    const auto number = std::stoi(got);
    BOOST_TEST_REQUIRE(number > last);
    last = number;
    ++received;
  }
  BOOST_TEST(last == count - 1);
  BOOST_TEST(received < count);
}

BOOST_AUTO_TEST_SUITE_END()
