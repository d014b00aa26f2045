// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>
#include <harpia/handle.hpp>
#include <harpia/socket.hpp>

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace harpia::inline v0 {

namespace net {
class thread_pool;
}

/// Threads for work that blocks, such as a database, whose results come back to a connection's thread.
///
///     harpia::pool database{4};
///     app.ws<user>("/", {.message = [&](auto& ws, harpia::message_view message) {
///       const bool begun = database.run(ws, [name = std::string{message.text()}] { return load(name); },
///                                       [&ws](const profile& found) { ws.send(harpia::json<profile>, found); });
///       if (!begun)
///         ws.close(harpia::close_code::try_again_later);
///     }});
///
/// Results of one connection may come in another order than its calls, if the pool has several threads.
///
/// *Thread safety* May be used by any thread.
///
/// *Lifetimes* Must outlive the handlers that use it; connections and apps may end before. The destructor waits for the work that is running;
/// work that waits is dropped.
///
/// *Not promised* In a `testing::world` the work runs on threads all the same, and the world does not wait for it.
class HARPIA_API pool {
public:
  /// @param threads at least 1
  /// @param most_waiting how many calls may wait for a thread
  ///
  /// *Errors* Throws `std::invalid_argument` if `threads` is 0, and `std::system_error` if a thread cannot be started.
  explicit pool(unsigned threads, std::size_t most_waiting = 1024);
  ~pool();
  pool(const pool&) = delete;
  pool& operator=(const pool&) = delete;

  /// Calls `work()` on a thread of the pool, and then `then(result)` on the thread of the connection, or `then()` if `work` returns nothing,
  /// as an event of its own like those of the handlers: it may use `ws`. If the connection ends before, the result is dropped.
  /// @return false if too many calls wait already: nothing will be called
  ///
  /// *Errors* What `work` throws fails the connection, as if one of its handlers had thrown it.
  template <class Work, class Then>
  [[nodiscard]] bool run(socket_base& ws, Work work, Then then) {
    using result = std::invoke_result_t<Work&>;
    return submit(
        [target = ws.handle(), work = std::make_shared<Work>(std::move(work)), then = std::make_shared<Then>(std::move(then))] {
          if (!target.is_open())
            return;
          std::exception_ptr failure;
          if constexpr (std::is_void_v<result>) {
            try {
              (*work)();
            } catch (...) {
              failure = std::current_exception();
            }
            target.post([then, failure](socket_base&) {
              if (failure)
                std::rethrow_exception(failure);
              (*then)();
            });
          } else {
            std::shared_ptr<result> value;
            try {
              value = std::make_shared<result>((*work)());
            } catch (...) {
              failure = std::current_exception();
            }
            target.post([then, failure, value](socket_base&) {
              if (failure)
                std::rethrow_exception(failure);
              (*then)(std::move(*value));
            });
          }
        });
  }

private:
  [[nodiscard]] bool submit(std::function<void()> task);

  std::unique_ptr<net::thread_pool> threads_;
};

} // namespace harpia::inline v0
