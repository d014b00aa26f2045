// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "logged_app.hpp"

#include "support/raw_client.hpp"

#include <harpia/harpia.hpp>
#include <harpia/pool.hpp>

#include <boost/test/unit_test.hpp>
#include <latch>
#include <memory>
#include <optional>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

namespace test = harpia::test;
using harpia::message_view;
using harpia::no_data;

namespace {

struct fixture : test::logged_app {
  std::optional<harpia::pool> pool; // ends before the app
};

struct logs_its_end {
  explicit logs_its_end(fixture& of) : to{of} {}
  logs_its_end(const logs_its_end&) = delete;
  logs_its_end& operator=(const logs_its_end&) = delete;
  ~logs_its_end() { to.log.add("destroyed"); }
  fixture& to;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(pool, fixture)

BOOST_AUTO_TEST_CASE(work_runs_elsewhere_and_its_result_comes_back_to_the_connection) {
  pool.emplace(2u);
  app.ws("/", {.message = [this](auto& ws, message_view message) {
           const auto here = std::this_thread::get_id();
           const bool begun = pool->run(
               ws,
               [here, text = std::string{message.text()}] {
                 return std::make_unique<std::string>(text + (std::this_thread::get_id() == here ? " blocked" : " elsewhere"));
               },
               [&ws, here](const std::unique_ptr<std::string>& result) {
                 ws.send(*result + (std::this_thread::get_id() == here ? " and back" : " and astray"));
               });
           BOOST_TEST(begun);
         }});
  start();
  auto client = connect("/");
  client.send_text("it ran");
  BOOST_TEST(client.read_text() == "it ran elsewhere and back");
}

BOOST_AUTO_TEST_CASE(work_without_a_result_and_work_that_throws) {
  pool.emplace(1u);
  app.ws("/", {.message =
                   [this](auto& ws, message_view message) {
                     const auto work = [fails = message.text() == "fail"] {
                       if (fails)
                         throw std::runtime_error{"no database"};
                     };
                     BOOST_TEST(pool->run(ws, work, [&ws] { ws.send("done"); }));
                   },
               .error = [this](auto&, const harpia::error& what) { log.add(what.what()); }});
  start();
  auto client = connect("/");
  client.send_text("work");
  BOOST_TEST(client.read_text() == "done");
  client.send_text("fail");
  BOOST_TEST(client.read_close().first == 1011);
  log.wait_for("the handler 'post' of route '/' threw: no database");
}

BOOST_AUTO_TEST_CASE(more_than_may_wait_is_refused_and_what_waits_ends_with_the_pool) {
  std::binary_semaphore go_on{0};
  std::latch running{1};
  pool.emplace(1u, 1u);
  app.ws("/", {.message = [&](auto& ws, message_view) {
           const auto block = [&] {
             running.count_down();
             go_on.acquire();
           };
           BOOST_TEST(pool->run(ws, block, [&ws] { ws.send("the first"); }));
           running.wait();
           BOOST_TEST(pool->run(
               ws, [] {}, [&ws] { ws.send("the second"); }));
           BOOST_TEST(!pool->run(
               ws, [] {}, [&ws] { ws.send("the third"); }));
           go_on.release();
         }});
  start();
  auto client = connect("/");
  client.send_text("go");
  BOOST_TEST(client.read_text() == "the first");
  BOOST_TEST(client.read_text() == "the second");
  BOOST_CHECK_THROW((harpia::pool{0}), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_coroutine_awaits_what_work_returns_or_throws) {
  pool.emplace(2u);
  app.ws("/", {.message = [this](auto& ws, harpia::message received) -> harpia::task {
           const auto here = std::this_thread::get_id();
           const auto work = [here, text = received.text()] {
             return std::make_unique<std::string>(text + (std::this_thread::get_id() == here ? " blocked" : " elsewhere"));
           };
           const auto text = co_await pool->run(work);
           ws.send(*text + (std::this_thread::get_id() == here ? " and back" : " and astray"));
           try {
             co_await pool->run([] { throw std::runtime_error{"no database"}; });
           } catch (const std::runtime_error& failed) {
             ws.send(std::string_view{failed.what()});
           }
           co_await pool->run([] { throw std::runtime_error{"no database again"}; });
         }});
  start();
  auto client = connect("/");
  client.send_text("it ran");
  BOOST_TEST(client.read_text() == "it ran elsewhere and back");
  BOOST_TEST(client.read_text() == "no database");
  BOOST_TEST(client.read_close().first == 1011);
}

BOOST_AUTO_TEST_CASE(a_coroutine_learns_that_too_many_calls_wait) {
  std::binary_semaphore go_on{0};
  std::latch running{1};
  pool.emplace(1u, 1u);
  app.ws("/", {.message = [&](auto& ws, harpia::message received) -> harpia::task {
           try {
             co_await pool->run([&] {
               running.count_down();
               go_on.acquire();
             });
           } catch (const harpia::pool_full& full) {
             ws.send(std::string_view{full.what()});
             go_on.release(2);
             co_return;
           }
           ws.send(received.text() + " ran");
         }});
  start();
  auto client = connect("/");
  client.send_text("the first");
  running.wait();
  client.send_text("the second");
  client.send_text("the third");
  BOOST_TEST(client.read_text() == "too many calls wait for a thread of the pool");
  BOOST_TEST(client.read_text() == "the first ran");
  BOOST_TEST(client.read_text() == "the second ran");
}

BOOST_AUTO_TEST_CASE(a_coroutine_that_waits_for_work_ends_with_its_connection) {
  std::binary_semaphore go_on{0};
  std::latch running{1};
  pool.emplace(1u);
  app.ws("/", {.message = [&](auto&, harpia::message) -> harpia::task {
                 const logs_its_end local{*this};
                 co_await pool->run([&] {
                   running.count_down();
                   go_on.acquire();
                 });
                 log.add("too late");
               },
               .close = [this](auto&, harpia::close_code, std::string_view) { log.add("closed"); }});
  start();
  auto client = connect("/");
  client.send_text("go");
  running.wait();
  client.close();
  log.wait_for("closed");
  BOOST_TEST(log.lines().front() == "destroyed");
  go_on.release();
  pool.reset(); // waits for the work
  app.stop();
  app.wait();
  BOOST_TEST(log.count("too late") == 0u);
}

BOOST_AUTO_TEST_CASE(a_result_for_a_connection_that_has_ended_is_dropped) {
  std::binary_semaphore go_on{0};
  pool.emplace(1u);
  app.ws("/", {.message =
                   [&](auto& ws, message_view) {
                     BOOST_TEST(pool->run(
                         ws, [&] { go_on.acquire(); }, [this] { log.add("too late"); }));
                     ws.terminate();
                   },
               .close = [this](auto&, harpia::close_code, std::string_view) { log.add("closed"); }});
  start();
  auto client = connect("/");
  client.send_text("go");
  log.wait_for("closed");
  go_on.release();
  pool.reset(); // waits for the work
  app.stop();
  app.wait();
  BOOST_TEST(log.count("too late") == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
