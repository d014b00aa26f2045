// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.

// Echo in ways that the example does not have: by a behaviour, by coroutines, and by the handle of the connection in another thread.
// benchmarks/instructions counts what they cost.
#include <harpia/actors.hpp>
#include <harpia/coroutine.hpp>
#include <harpia/harpia.hpp>

#include <caf/behavior.hpp>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

/// A thread that sends back what it is given.
class echo_thread {
public:
  echo_thread() = default;
  echo_thread(const echo_thread&) = delete;
  echo_thread& operator=(const echo_thread&) = delete;
  ~echo_thread() {
    {
      const std::scoped_lock lock{mutex_};
      stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }

  void give(harpia::handle to, std::string text) {
    {
      const std::scoped_lock lock{mutex_};
      waiting_.emplace_back(std::move(to), std::move(text));
    }
    changed_.notify_one();
  }

private:
  using echoes = std::vector<std::pair<harpia::handle, std::string>>;

  [[nodiscard]] echoes take() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    return std::exchange(waiting_, {});
  }
  void run() {
    for (auto taken = take(); !taken.empty(); taken = take())
      for (const auto& [to, text] : taken)
        to.send(text);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  echoes waiting_; // guarded by mutex_; one for each message in flight
  bool stopping_ = false;
  std::thread thread_{[this] { run(); }};
};

} // namespace

int main() {
  harpia::app app;
  app.stop_on_signals(); // before there is another thread
  echo_thread sender;
  app.ws("/behaviour", [](harpia::connection<harpia::no_data>* self) -> caf::behavior {
    return {[self](const harpia::event::text& message) { self->send(message); }};
  });
  app.ws("/coroutine", {.message = [](auto& ws, harpia::message received) -> harpia::task {
           ws.send(received);
           co_await ws.drained();
         }});
  app.ws("/conversation", [](harpia::socket<harpia::no_data>& ws) -> harpia::task {
    while (const auto received = co_await ws.receive())
      ws.send(*received);
  });
  app.ws("/handle",
         {.message = [&](auto& ws, harpia::message_view message) { sender.give(ws.handle(), std::string{message.text()}); }});
  return app.listen({.port = 0, .hostname = "127.0.0.1", .threads = 1},
                    [&app] { std::cout << "listening on " << app.address() << std::endl; });
}
