// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
// Laid out for the page of the guide, which is narrower.
// clang-format off
#include <harpia/harpia.hpp>
#include <harpia/testing/world.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace testing = harpia::testing;

namespace {

// [download]
struct download {
  std::size_t next = 0;
};

constexpr std::size_t blocks = 1000;

void send_more(harpia::socket<download>& ws) {
  while (ws.data.next < blocks) {
    const auto status = ws.send(std::string(4096, 'x'));
    if (status == harpia::send_status::closed || status == harpia::send_status::dropped)
      return;
    ++ws.data.next;
    if (status == harpia::send_status::buffered)
      return;  // the block was accepted; `drain` goes on
  }
  ws.close();
}

void add_download(harpia::app& app) {
  app.ws<download>("/download", {.open = send_more, .drain = send_more});
}
// [download]

} // namespace

BOOST_AUTO_TEST_SUITE(slow_clients)

BOOST_AUTO_TEST_CASE(a_download_waits_for_its_client) {
  testing::world world{add_download};
  auto client = world.connect("/download");
  std::size_t received = 0;
  for (const auto& block : client.received_all())
    received += block.size();
  BOOST_TEST(received == blocks * 4096);
  BOOST_TEST((client.closed().value().code == harpia::close_code::normal));
}

BOOST_AUTO_TEST_CASE(a_close_waits_for_close_timeout_and_no_longer) {
  using namespace std::chrono_literals;
  testing::world world{{.kernel_buffer = 0}};
  world.app().ws("/", {.message = [](auto& ws, harpia::message_view message) {
    ws.send(message);
    ws.close();
  }}, {.close_timeout = 5s});
  auto patient = world.connect("/");
  auto slow = world.connect("/");
  for (auto* client : {&patient, &slow}) {
    client->stop_reading();
    client->send(std::string(10'000, 'x'));
  }
  world.advance(4s);
  patient.resume_reading();
  BOOST_TEST(patient.received().size() == 10'000);
  BOOST_TEST((patient.closed().value().code == harpia::close_code::normal));
  world.advance(2s);
  slow.resume_reading();
  BOOST_TEST((slow.closed().value().code == harpia::close_code::abnormal));
}

BOOST_AUTO_TEST_CASE(a_policy_drops_and_says_so) {
  testing::world world{{.kernel_buffer = 0}};
  auto& app = world.app();
  // [policy]
  app.ws("/news", {
    .open = [](auto& ws) { ws.subscribe("news"); },
    .dropped = [](auto& ws, std::size_t count, std::size_t) {
      ws.send("you missed " + std::to_string(count));
    },
  }, {
    .high_watermark = 64 << 10,
    .low_watermark = 16 << 10,
    .max_buffered = 256 << 10,
    .on_limit = harpia::on_limit::drop_oldest,
  });
  // [policy]
  auto client = world.connect("/news");
  client.stop_reading();
  for (int i = 0; i < 100; ++i)
    app.publish("news", std::string(10'000, 'x'));
  world.run();
  client.resume_reading();
  const auto all = client.received_all();
  const auto missed = 100 - (all.size() - 1);
  BOOST_TEST(missed > 50);
  BOOST_TEST(all.back() == "you missed " + std::to_string(missed));
}

BOOST_AUTO_TEST_CASE(prices_are_conflated_by_key) {
  testing::world world{{.kernel_buffer = 0}};
  auto& app = world.app();
  // [conflate]
  app.ws("/prices", {.open = [](auto& ws) { ws.subscribe("prices"); }},
         {.on_limit = harpia::on_limit::conflate});
  // [conflate]
  auto client = world.connect("/prices");
  client.stop_reading();
  for (int price = 0; price < 1000; ++price) {
    const auto text = "AAPL " + std::to_string(price);
    // [keyed]
    app.publish("prices", text, {.key = "AAPL"});  // in a handler also: ws.send(text, {.key = "AAPL"})
    // [keyed]
    world.run();
  }
  client.resume_reading();
  BOOST_TEST(client.received_all() == (std::vector<std::string>{"AAPL 0", "AAPL 999"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_message_tells_what_became_of_it) {
  testing::world world;
  auto& app = world.app();
  std::vector<std::string> log;
  // [notify]
  app.ws("/invoice", {.open = [&log](auto& ws) {
    ws.send("the invoice", {.on_outcome = [&log](harpia::delivery_outcome outcome) {
      switch (outcome) {
        case harpia::delivery_outcome::taken: log.push_back("the system took it"); break;
        case harpia::delivery_outcome::dropped: log.push_back("the policy dropped it"); break;
        case harpia::delivery_outcome::closed: log.push_back("the connection ended first"); break;
      }
    }});
  }});
  // [notify]
  auto client = world.connect("/invoice");
  BOOST_TEST(client.received() == "the invoice");
  BOOST_TEST(log == (std::vector<std::string>{"the system took it"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_echo_reads_no_faster_than_its_client) {
  testing::world world{{.kernel_buffer = 0}};
  auto& app = world.app();
  // [pause]
  app.ws("/echo", {
    .message = [](auto& ws, harpia::message_view message) {
      if (ws.send(message) == harpia::send_status::buffered)
        ws.pause();  // read no more until there is room
    },
    .drain = [](auto& ws) { ws.resume(); },
  });
  // [pause]
  auto client = world.connect("/echo");
  client.stop_reading();
  for (int i = 0; i < 100; ++i)
    client.send(std::string(10'000, 'x'));
  BOOST_TEST(client.unsent() > 0);
  client.resume_reading();
  BOOST_TEST(client.received_all().size() == 100);
  BOOST_TEST(client.unsent() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
