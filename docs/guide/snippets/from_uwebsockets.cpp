// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
// Laid out for the page of the ports, which is narrower.
// clang-format off
#include <harpia/actors.hpp>
#include <harpia/harpia.hpp>
#include <harpia/testing/world.hpp>

#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace testing = harpia::testing;

namespace {

using namespace std::chrono_literals;
using strings = std::vector<std::string>;

// [echo]
struct session {
  std::size_t lost = 0;
};

void add_echo(harpia::app& app) {
  app.ws<session>("/echo", {
    .message = [](auto& ws, harpia::message_view message) {
      if (ws.send(message) == harpia::send_status::dropped)
        ++ws.data.lost;
    },
    .drain = [](auto& ws) {
      if (ws.data.lost > 0)
        ws.send("lost " + std::to_string(std::exchange(ws.data.lost, 0)));
    },
  }, {
    .max_payload = 64 << 10,
    .max_buffered = 256 << 10,
    .idle_timeout = 60s,
  });
}
// [echo]

// [paused_echo]
void add_paused_echo(harpia::app& app) {
  app.ws("/paused_echo", {
    .message = [](auto& ws, harpia::message_view message) {
      if (ws.send(message) == harpia::send_status::buffered)
        ws.pause();  // the client's messages wait with the client
    },
    .drain = [](auto& ws) { ws.resume(); },
  }, {.max_payload = 64 << 10, .idle_timeout = 60s});
}
// [paused_echo]

// [chat]
struct guest {
  std::string name;
  std::string room;
};

using session_names = std::map<std::string, std::string, std::less<>>;  // by the cookie's value

void add_rooms(harpia::app& app, const session_names& sessions) {
  app.ws<guest>("/rooms/:room", {
    .upgrade = [&sessions](auto& upgrade) {
      const auto found = sessions.find(upgrade.request().cookie("session").value_or(""));
      if (found == sessions.end())
        return upgrade.reject(401, "log in first");
      upgrade.data = {.name = found->second, .room = "room/" + std::string{upgrade.request().param("room")}};
    },
    .open = [&app](auto& ws) {
      ws.subscribe(ws.data.room);
      ws.send("here: " + std::to_string(app.group(ws.data.room).size()));
      ws.publish(ws.data.room, ws.data.name + " is here");
    },
    .message = [](auto& ws, harpia::message_view message) {
      ws.publish(ws.data.room, ws.data.name + ": " + std::string{message.text()},
                 {.audience = harpia::audience::everyone});
    },
    .close = [](auto& ws, harpia::close_code, std::string_view) {
      ws.publish(ws.data.room, ws.data.name + " has left");
    },
  }, {
    .max_buffered = 1 << 20,
    .on_limit = harpia::on_limit::close,
    .origins = harpia::same_origin,
  });
}
// [chat]

// [market]
class market {
public:
  explicit market(harpia::app& app) : prices_{app.group("prices")} {}

  void update(const std::string& symbol, int price) {  // on any thread
    prices_.publish(symbol + ' ' + std::to_string(price), {.key = symbol});
    const std::scoped_lock lock{mutex_};
    std::erase_if(alarms_, [&](const alarm& each) {
      if (each.symbol != symbol || price < each.limit)
        return !each.who.is_open();
      each.who.send("alarm: " + symbol + ' ' + std::to_string(price));
      return true;
    });
  }

  void remind(harpia::handle who, std::string symbol, int limit) {
    const std::scoped_lock lock{mutex_};
    alarms_.push_back({std::move(who), std::move(symbol), limit});
  }

private:
  struct alarm {
    harpia::handle who;
    std::string symbol;
    int limit;
  };

  harpia::group prices_;
  std::mutex mutex_;
  std::vector<alarm> alarms_;
};

void add_prices(harpia::app& app, market& prices) {
  app.ws("/prices", {
    .open = [](auto& ws) { ws.subscribe("prices"); },
    .message = [&prices](auto& ws, harpia::message_view limit) {
      prices.remind(ws.handle(), "ACME", std::stoi(std::string{limit.text()}));
    },
  }, {.on_limit = harpia::on_limit::conflate});
}
// [market]

// [heartbeat]
using beat_atom = caf::atom_constant<caf::atom("beat")>;

caf::behavior heartbeat(caf::event_based_actor* self, const harpia::group& prices) {
  self->delayed_send(self, 1s, beat_atom::value);
  return {[=](beat_atom) {
    self->delayed_send(self, 1s, beat_atom::value);
    prices.publish("members: " + std::to_string(prices.size()));
  }};
}

void start_heartbeat(harpia::app& app) {
  app.system().spawn(heartbeat, app.group("prices"));
}
// [heartbeat]

// [serve]
void run_feed(const std::stop_token& stop, market& prices) {
  for (int price = 100; !stop.stop_requested(); ++price)
    prices.update("ACME", price);  // in a server: what an exchange has sent
}

int serve(harpia::app& app, std::uint16_t port, const std::function<void()>& on_listening) {
  market prices{app};
  add_prices(app, prices);
  start_heartbeat(app);
  const std::jthread feed{run_feed, std::ref(prices)};
  return app.listen({.port = port, .hostname = "127.0.0.1"}, on_listening);
}
// [serve]

} // namespace

BOOST_AUTO_TEST_SUITE(from_uwebsockets)

BOOST_AUTO_TEST_CASE(an_echo_tells_what_it_has_lost) {
  testing::world world{add_echo, {.kernel_buffer = 0}};
  auto client = world.connect("/echo");
  client.send_binary("bytes");
  BOOST_TEST(client.received_binary() == "bytes");
  for (int round = 0; round < 2; ++round) {
    client.stop_reading();
    for (int i = 0; i < 100; ++i)
      client.send(std::string(10'000, 'x'));
    client.resume_reading();
    const auto all = client.received_all();
    const auto lost = 100 - (all.size() - 1);
    BOOST_TEST(lost > 50);
    BOOST_TEST(all.back() == "lost " + std::to_string(lost)); // once: `drain` is called once for each backlog
  }
}

BOOST_AUTO_TEST_CASE(a_paused_echo_loses_nothing) {
  testing::world world{add_paused_echo, {.kernel_buffer = 0}};
  auto client = world.connect("/paused_echo");
  client.stop_reading();
  for (int i = 0; i < 100; ++i)
    client.send(std::string(10'000, 'x'));
  BOOST_TEST(client.unsent() > 0);
  client.resume_reading();
  BOOST_TEST(client.received_all().size() == 100);
}

BOOST_AUTO_TEST_CASE(a_chat_lets_in_whom_it_knows) {
  const session_names sessions{{"1", "Ann"}, {"2", "Bob"}};
  testing::world world{[&](harpia::app& app) { add_rooms(app, sessions); }, {.loops = 2}};
  const auto with = [](const char* cookie) { return testing::connect_options{.headers = {{"Cookie", cookie}}}; };
  BOOST_TEST(world.connect("/rooms/tea").refusal().value().status == 401);
  BOOST_TEST(world.connect("/rooms/tea", with("session=3")).refusal().value().status == 401);
  auto elsewhere = with("session=1");
  elsewhere.headers.emplace_back("Origin", "https://evil.example");
  BOOST_TEST(world.connect("/rooms/tea", elsewhere).refusal().value().status == 403);
  auto ann = world.connect("/rooms/tea", with("theme=dark; session=1"));
  BOOST_TEST(ann.received() == "here: 1");
  auto bob = world.connect("/rooms/tea", with("session=2"));
  BOOST_TEST(bob.received() == "here: 2");
  BOOST_TEST(ann.received() == "Bob is here");
  ann.send("hello");
  BOOST_TEST(ann.received() == "Ann: hello");
  BOOST_TEST(bob.received() == "Ann: hello");
  auto coffee = world.connect("/rooms/coffee", with("session=1"));
  BOOST_TEST(coffee.received() == "here: 1");
  bob.close();
  BOOST_TEST(ann.received() == "Bob has left");
  BOOST_TEST(!coffee.try_received());
}

BOOST_AUTO_TEST_CASE(a_chat_closes_those_that_do_not_keep_up) {
  const session_names sessions{{"1", "Ann"}};
  testing::world world{[&](harpia::app& app) { add_rooms(app, sessions); }, {.kernel_buffer = 0}};
  auto ann = world.connect("/rooms/tea", {.headers = {{"Cookie", "session=1"}}});
  ann.stop_reading();
  for (int i = 0; i < 200; ++i)
    world.app().publish("room/tea", std::string(10'000, 'x'));
  world.run();
  ann.resume_reading();
  BOOST_TEST((ann.closed().value().code == harpia::close_code::try_again_later));
}

BOOST_AUTO_TEST_CASE(a_slow_client_gets_the_newest_prices) {
  testing::world world{{.loops = 2, .kernel_buffer = 0}};
  market prices{world.app()};
  add_prices(world.app(), prices);
  auto slow = world.connect("/prices");
  auto other = world.connect("/prices");
  other.send("750");
  slow.stop_reading();
  for (int price = 0; price < 1000; ++price) {
    prices.update("ACME", price);
    prices.update("BORA", price);
    world.run();
  }
  slow.resume_reading();
  const auto all = slow.received_all();
  BOOST_REQUIRE(all.size() < 10);
  BOOST_TEST(strings(all.end() - 2, all.end()) == (strings{"ACME 999", "BORA 999"}), boost::test_tools::per_element());
  const auto every = other.received_all();
  BOOST_TEST(every.size() == 2001);
  BOOST_TEST(std::ranges::count(every, "alarm: ACME 750") == 1);
}

BOOST_AUTO_TEST_CASE(a_thread_feeds_a_running_server) {
  std::string alarm;
  harpia::app app;
  const auto connect = [&] {
    harpia::connect(app, "ws://127.0.0.1:" + std::to_string(app.port()) + "/prices", {
      .open = [](auto& ws) { ws.send("200"); },
      .message = [&](auto&, harpia::message_view message) {
        if (!message.text().starts_with("alarm: "))
          return;
        alarm = message.text();
        app.stop();
      },
    });
  };
  BOOST_TEST(serve(app, 0, connect) == 0);
  BOOST_TEST(alarm.starts_with("alarm: ACME "), alarm);
}

BOOST_AUTO_TEST_CASE(a_heart_beats_every_second) {
  testing::world world;
  market prices{world.app()};
  add_prices(world.app(), prices);
  start_heartbeat(world.app());
  auto client = world.connect("/prices");
  BOOST_TEST(!client.try_received());
  world.advance(3s);
  BOOST_TEST(client.received_all() == (strings{"members: 1", "members: 1", "members: 1"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_heart_does_not_keep_the_app_alive) {
  harpia::app app;
  start_heartbeat(app);
  app.start({.port = 0, .hostname = "127.0.0.1"});
  app.stop();
  app.wait();
  BOOST_TEST(app.connections() == 0);
}

// What the page says of the ends of connections.

BOOST_AUTO_TEST_CASE(an_end_does_not_call_close_within_the_handler) {
  testing::world world;
  strings log;
  const auto handled = [&log](auto end) {
    return harpia::handlers<session>{
      .message = [&log, end](auto& ws, harpia::message_view) {
        end(ws);
        log.emplace_back(to_string(ws.send("late")));
        log.emplace_back("still " + std::to_string(ws.data.lost));
      },
      .close = [&log](auto& ws, harpia::close_code code, std::string_view) {
        log.emplace_back(to_string(ws.send("later")));
        log.emplace_back(std::to_string(static_cast<int>(code)) + ' ' + std::to_string(ws.data.lost));
      },
    };
  };
  world.app().ws<session>("/close", handled([](auto& ws) { ws.close(harpia::close_code{4000}); }));
  world.app().ws<session>("/terminate", handled([](auto& ws) { ws.terminate(); }));
  for (const auto* path : {"/close", "/terminate"}) {
    auto client = world.connect(path);
    client.send("end");
    BOOST_TEST(client.closed().has_value());
  }
  BOOST_TEST(log == (strings{"closed", "still 0", "closed", "4000 0", "closed", "still 0", "closed", "1006 0"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(close_codes_of_clients_are_passed_on) {
  testing::world world;
  std::vector<unsigned> codes;
  world.app().ws("/", {.close = [&](auto&, harpia::close_code code, std::string_view) {
    codes.push_back(static_cast<unsigned>(code));
  }});
  for (const unsigned code : {1000U, 1012U, 1014U, 3000U, 3999U, 4999U}) {
    auto client = world.connect("/");
    client.close(static_cast<harpia::close_code>(code));
    BOOST_TEST(client.closed().has_value());
  }
  BOOST_TEST(codes == (std::vector<unsigned>{1000, 1012, 1014, 3000, 3999, 4999}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(violations_are_answered_with_close_codes) {
  testing::world world{add_echo};
  auto large = world.connect("/echo");
  large.send(std::string((64 << 10) + 1, 'x'));
  BOOST_TEST((large.closed().value().code == harpia::close_code::message_too_big));
  auto garbled = world.connect("/echo");
  garbled.send("\xff");
  BOOST_TEST((garbled.closed().value().code == harpia::close_code::invalid_payload));
  auto unmasked = world.connect("/echo");
  unmasked.send_frame({.payload = "x", .mask = testing::frame::masking::unmasked});
  BOOST_TEST((unmasked.closed().value().code == harpia::close_code::protocol_error));
}

BOOST_AUTO_TEST_SUITE_END()
