// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/harpia.hpp>

#include <utility> // which some versions of Asio forget

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/version.hpp>

#include <atomic>
#include <chrono>
#include <future>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

// A program that has a Boost of its own, another version than the one harpia was built with. Its Asio is busy on several threads, is made
// and destroyed, while harpia serves messages that need each of harpia's own uses of Boost.

static_assert(BOOST_VERSION != HARPIAS_BOOST, "the Boost of this program is to be another one than harpia's");

namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

constexpr int contexts = 20;

/// Runs `count` tasks and as many timers on two threads.
void keep_busy(int count) {
  asio::io_context context;
  std::atomic<int> done = 0;
  std::vector<asio::steady_timer> timers;
  timers.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    asio::post(context, [&done] { ++done; });
    timers.emplace_back(context, 1ms).async_wait([&done](const auto&) { ++done; });
  }
  std::thread other{[&context] { context.run(); }};
  context.run();
  other.join();
  if (done != 2 * count)
    throw std::runtime_error{"tasks of the other Asio were lost"};
}

/// What comes back when a client of its own sends `message` to /echo.
std::string echo_of(harpia::app& app, const std::string& message) {
  auto answer = std::make_shared<std::promise<std::string>>();
  auto heard = answer->get_future();
  const auto peer = harpia::connect(
      app, "ws://127.0.0.1:" + std::to_string(app.port()) + "/echo",
      {.open = [message](auto& ws) { ws.send(message); },
       .message =
           [answer](auto& ws, harpia::message_view came) {
             answer->set_value(std::string{came.text()});
             ws.close();
           }});
  if (heard.wait_for(30s) != std::future_status::ready)
    throw std::runtime_error{"the echo did not come back"};
  peer.close();
  return heard.get();
}

} // namespace

int main() try {
  std::cout << "with Boost " << BOOST_LIB_VERSION << '\n';
  harpia::app app;
  app.ws("/echo", {.message = [](auto& ws, harpia::message_view message) { ws.send(message); }});
  app.start({.port = 0, .hostname = "127.0.0.1", .threads = 2});
  auto busy = std::async(std::launch::async, [] {
    for (int i = 0; i < contexts; ++i)
      keep_busy(500);
  });
  for (const std::size_t size : {std::size_t{1}, std::size_t{1000}, std::size_t{300'000}})
    if (const std::string message(size, 'x'); echo_of(app, message) != message)
      throw std::runtime_error{"the echo differs"};
  busy.get();
  app.stop();
  app.wait();
  keep_busy(500);
  return 0;
} catch (const std::exception& failure) {
  std::cerr << failure.what() << '\n';
  return 1;
}
