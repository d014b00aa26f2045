// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "support/event_log.hpp"
#include "support/memory_in_use.hpp"
#include "support/raw_client.hpp"

#include <harpia/harpia.hpp>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace harpia::test {

/// Ends the process, which is the only way out of a hang, if it is not destroyed in time.
class watchdog {
public:
  watchdog(std::chrono::seconds limit, std::string what)
      : thread_{[this, limit, what = std::move(what)] {
          std::unique_lock lock{mutex_};
          if (changed_.wait_for(lock, limit, [this] { return over_; }))
            return;
          std::cerr << "hangs: " << what << std::endl;
          std::abort();
        }} {}
  ~watchdog() {
    {
      const std::scoped_lock lock{mutex_};
      over_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  watchdog(const watchdog&) = delete;
  watchdog& operator=(const watchdog&) = delete;

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false; // guarded by mutex_
  std::thread thread_;
};

/// A test's size: the environment variable `name`, for runs that may take longer than those of every day, or `usual`.
inline std::size_t size_from_environment(const char* name, std::size_t usual) {
  const auto* text = std::getenv(name);
  return text ? static_cast<std::size_t>(std::strtoull(text, nullptr, 10)) : usual;
}

/// An app with a room, on an actor system of its own so that actors can be counted. The room echoes; what begins with "all:" is
/// published to all members.
class room {
public:
  explicit room(app_options options = {}, route_options route = {}) : app{system, std::move(options)} {
    app.ws<no_data>(
        "/room",
        {.open =
             [this](auto& ws) {
               ++opened;
               ws.subscribe("room");
             },
         .message =
             [this](auto& ws, message_view message) {
               ++received;
               if (message.text().starts_with("all:"))
                 ws.publish("room", message, {.audience = audience::everyone});
               else
                 ws.send(message);
             },
         .close = [this](auto&, close_code, std::string_view) { ++closed; }},
        std::move(route));
  }

  void start(unsigned threads = 2, tls_options tls = {}) {
    app.start({.port = 0, .hostname = "127.0.0.1", .tls = std::move(tls), .threads = threads});
  }

  [[nodiscard]] raw_client connect() const {
    auto client = raw_client::tcp(app.port());
    if (const auto reply = client.upgrade("/room"); reply.status != 101)
      throw std::runtime_error{"refused with " + std::to_string(reply.status)};
    return client;
  }

  /// Actors that are alive, beside those that CAF has by itself.
  [[nodiscard]] std::size_t actors() { return system.registry().running() - actors_before_; }

private:
  struct few_threads : caf::actor_system_config {
    few_threads() {
      set("scheduler.policy", caf::atom("sharing"));
      set("scheduler.max-threads", 1);
    }
  };
  few_threads config_;

public:
  caf::actor_system system{config_};

private:
  std::size_t actors_before_ = system.registry().running();

public:
  std::atomic<std::size_t> opened = 0;
  std::atomic<std::size_t> closed = 0;
  std::atomic<std::size_t> received = 0;
  harpia::app app;
};

/// Whether an echo comes back. @throws what `raw_client` throws
inline bool echoes(raw_client& client, std::string_view text = "hello") {
  client.send_text(text);
  return client.read_text() == text;
}

} // namespace harpia::test
