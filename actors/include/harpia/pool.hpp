// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/coroutine.hpp>
#include <harpia/export.hpp>
#include <harpia/handle.hpp>
#include <harpia/socket.hpp>

#include <coroutine>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace harpia::inline v0 {

namespace net {
class thread_pool;
}

namespace detail {

/// What work returned or threw.
template <class Result>
class work_result {
public:
  template <class Work>
  explicit work_result(Work& work) {
    try {
      value_.emplace(work());
    } catch (...) {
      failure_ = std::current_exception();
    }
  }
  /// To be called once.
  Result get() {
    if (failure_)
      std::rethrow_exception(failure_);
    return *std::move(value_);
  }
  template <class Then>
  void pass(Then& then) {
    then(get());
  }

private:
  std::optional<Result> value_;
  std::exception_ptr failure_;
};

template <>
class work_result<void> {
public:
  template <class Work>
  explicit work_result(Work& work) {
    try {
      work();
    } catch (...) {
      failure_ = std::current_exception();
    }
  }
  void get() const {
    if (failure_)
      std::rethrow_exception(failure_);
  }
  template <class Then>
  void pass(Then& then) const {
    get();
    then();
  }

private:
  std::exception_ptr failure_;
};

template <class Work>
class awaiting_work;

} // namespace detail

/// Too many calls wait for a thread of a `pool`.
class HARPIA_API pool_full : public std::runtime_error {
public:
  pool_full() : std::runtime_error{"too many calls wait for a thread of the pool"} {}
};

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
    return submit(
        [target = ws.handle(), work = std::make_shared<Work>(std::move(work)), then = std::make_shared<Then>(std::move(then))] {
          if (!target.is_open())
            return;
          const auto done = std::make_shared<detail::work_result<std::invoke_result_t<Work&>>>(*work);
          target.post([then, done](socket_base&) { done->pass(*then); });
        });
  }

  /// `co_await database.run(work)` calls `work()` on a thread of the pool and returns its result, in a coroutine of a connection.
  /// <harpia/coroutine.hpp> has what may be one.
  ///
  /// *Errors* Throws what `work` throws, and `pool_full` if too many calls wait already.
  template <class Work>
  [[nodiscard]] detail::awaiting_work<std::decay_t<Work>> run(Work&& work) {
    constexpr bool is_safe = detail::awaitable_function<Work>;
    static_assert(is_safe,
                  "g++ before 13 destroys twice what a lambda captures that is made within co_await: give it a name before, "
                  "as in 'const auto work = [name] {…}; co_await pool.run(work)'");
    return {*this, std::forward<Work>(work)};
  }

private:
  template <class Work>
  friend class detail::awaiting_work;
  [[nodiscard]] bool submit(std::function<void()> task);

  std::unique_ptr<net::thread_pool> threads_;
};

namespace detail {

/// An awaitable that has work done by a pool.
template <class Work>
class awaiting_work {
  using result = work_result<std::invoke_result_t<Work&>>;

public:
  awaiting_work(pool& runs, Work work) : pool_{&runs}, work_{std::move(work)} {}
  bool await_ready() const noexcept { return false; }
  template <of_connection Promise>
  void await_suspend(std::coroutine_handle<Promise> waiting) {
    auto& frame = waiting.promise().frame();
    const bool begun = pool_->submit([this, target = frame.ws().handle(), suspension = frame.suspend(waiting),
                                      work = std::make_shared<Work>(std::move(work_))] {
      if (!target.is_open())
        return;
      const auto done = std::make_shared<result>(*work);
      target.post([this, suspension, done](socket_base& ws) {
        if (!coroutine_port::is_waiting(ws, suspension))
          return;
        result_.emplace(std::move(*done));
        coroutine_port::resume(ws, suspension);
      });
    });
    if (!begun)
      throw pool_full{};
  }
  auto await_resume() { return result_->get(); }

private:
  pool* pool_;
  Work work_;
  std::optional<result> result_;
};

} // namespace detail
} // namespace harpia::inline v0
