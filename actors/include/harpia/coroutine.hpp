// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/calls.hpp>
#include <harpia/codec.hpp>
#include <harpia/detail/connection_failure.hpp>
#include <harpia/detail/coroutine_frame.hpp>
#include <harpia/detail/coroutine_port.hpp>
#include <harpia/detail/endpoint.hpp>
#include <harpia/export.hpp>
#include <harpia/message.hpp>
#include <harpia/socket.hpp>

#include <chrono>
#include <concepts>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

/// Handlers that are coroutines: they may wait with `co_await`, and their connection handles other events meanwhile.
namespace harpia::inline v0 {

namespace detail {

/// What a handler that is a coroutine cannot take: it ends before the coroutine does.
template <class T>
inline constexpr bool ends_with_handler =
    std::is_const_v<T> || std::is_same_v<T, message_view> || std::is_same_v<T, std::string_view>;

/// The socket among the arguments of a coroutine. Before it are an object whose function it is, or none: compilers differ.
constexpr socket_base* socket_among() noexcept {
  return nullptr;
}
template <class First, class... Others>
socket_base* socket_among(First& first, Others&... others) noexcept {
  if constexpr (std::is_base_of_v<socket_base, First>) {
    constexpr bool keep = (!ends_with_handler<Others> && ...);
    static_assert(keep, "a handler that is a coroutine must take harpia::message in place of harpia::message_view, and values in "
                        "place of references to const");
    return &first;
  } else {
    return socket_among(others...);
  }
}

/// What the promises of `task` and `subtask` have in common.
class coroutine_promise {
public:
  /// The coroutine of the handler, of which this one is a part.
  [[nodiscard]] coroutine_frame& frame() const noexcept { return *frame_; }
  void set_frame(coroutine_frame& frame) noexcept { frame_ = &frame; }

private:
  coroutine_frame* frame_ = nullptr;
};

template <class Promise>
concept of_connection = std::derived_from<Promise, coroutine_promise>;

} // namespace detail

/// A handler that is a coroutine returns it: `open`, `message`, `message_part`, `call`, `drain` and `dropped` may be one, and a function
/// for `handle::post`; and the `coroutine` of a route's handlers, which lasts from `open` to `close`.
///
///     app.ws<user>("/", {.message = [](auto& ws, harpia::message question) -> harpia::task {
///       const auto answer = co_await harpia::ask<std::string>(oracle, 2s, question.text());
///       ws.send(answer ? *answer : "ask again");
///     }});
///
/// It runs as the handler would until its first `co_await` that waits. Then other events of the connection are handled, among them
/// further messages, each by a coroutine of its own. It goes on within an event of its own, on the connection's thread. What it throws
/// is the handler's exception.
///
/// It takes the socket by reference and everything else by value: a `message` in place of a `message_view`, whose bytes are gone after
/// the first suspension. What the function captures is kept as long as the coroutine.
///
/// *Lifetimes* The connection owns it. Before `close` is called, and with a restart of the handlers, the connection destroys those that
/// wait: their local objects are destroyed, and nothing else of them runs. What `receive` and `ws.call` wait for still comes before:
/// nothing, and `call_failure::closed`.
///
/// *Thread safety* None. It may be awaited by nobody; a part of a coroutine is a `subtask`.
class [[nodiscard]] task {
public:
  class promise_type;

  task(task&& other) noexcept : whole_{std::exchange(other.whole_, nullptr)} {}
  task& operator=(task&&) = delete;
  ~task() {
    if (whole_)
      whole_.destroy();
  }

  /// Starts it as the handler of one event, or as the conversation of its connection. The library calls these.
  /// @param function the object whose function it is, kept as long as the coroutine
  void start(std::shared_ptr<const void> function) { run(detail::coroutine_role::handler, std::move(function)); }
  void converse() { run(detail::coroutine_role::conversation, nullptr); }

private:
  explicit task(std::coroutine_handle<promise_type> whole) noexcept : whole_{whole} {}
  inline void run(detail::coroutine_role role, std::shared_ptr<const void> function);

  std::coroutine_handle<promise_type> whole_;
};

class task::promise_type : public detail::coroutine_promise, public detail::coroutine_frame {
public:
  template <class... Arguments>
  explicit promise_type(Arguments&... arguments) noexcept : coroutine_frame{detail::socket_among(arguments...)} {
    constexpr bool has_socket = (std::is_base_of_v<socket_base, Arguments> || ...);
    static_assert(has_socket, "a handler that is a coroutine must take the socket by reference: (auto& ws)");
    set_frame(*this);
  }

  task get_return_object() noexcept { return task{std::coroutine_handle<promise_type>::from_promise(*this)}; }
  std::suspend_always initial_suspend() noexcept { return {}; }
  std::suspend_always final_suspend() noexcept { return {}; }
  void return_void() noexcept {}
  void unhandled_exception() noexcept { set_failure(std::current_exception()); }
};

void task::run(detail::coroutine_role role, std::shared_ptr<const void> function) {
  const auto whole = std::exchange(whole_, nullptr);
  whole.promise().start(whole, role, std::move(function)); // it is the connection's from now on
}

/// A part of a coroutine: a function that a `task` or another `subtask` awaits, and that returns a `T`. It starts when it is awaited.
///
///     harpia::subtask<bool> may_enter(harpia::socket<user>& ws) {
///       const auto reply = co_await ws.call("password?", 30s);
///       co_return reply && reply.value().text() == ws.data.password;
///     }
///
/// *Errors* What it throws is thrown by `co_await`.
///
/// *Lifetimes* Owned by this object, so it ends with the coroutine that awaits it.
template <class T = void>
class [[nodiscard]] subtask;

namespace detail {

/// The promise of a `subtask`, apart from its result.
class subtask_promise_base : public coroutine_promise {
public:
  std::suspend_always initial_suspend() noexcept { return {}; }
  auto final_suspend() noexcept {
    struct back {
      std::coroutine_handle<> awaiting;
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<>) noexcept { return awaiting; }
      void await_resume() noexcept {}
    };
    return back{awaiting_};
  }
  void unhandled_exception() noexcept { failure_ = std::current_exception(); }

  void begin(std::coroutine_handle<> awaiting, coroutine_frame& frame) noexcept {
    awaiting_ = awaiting;
    set_frame(frame);
  }

protected:
  void rethrow() const {
    if (failure_)
      std::rethrow_exception(failure_);
  }

private:
  std::coroutine_handle<> awaiting_;
  std::exception_ptr failure_;
};

template <class T>
class subtask_promise : public subtask_promise_base {
public:
  subtask<T> get_return_object() noexcept;
  template <class Value = T>
    requires std::convertible_to<Value&&, T>
  void return_value(Value&& value) { value_.emplace(std::forward<Value>(value)); }
  T result() {
    rethrow();
    return *std::move(value_);
  }

private:
  std::optional<T> value_;
};

template <>
class subtask_promise<void> : public subtask_promise_base {
public:
  subtask<void> get_return_object() noexcept;
  void return_void() noexcept {}
  void result() const { rethrow(); }
};

} // namespace detail

template <class T>
class [[nodiscard]] subtask {
public:
  using promise_type = detail::subtask_promise<T>;

  explicit subtask(std::coroutine_handle<promise_type> part) noexcept : part_{part} {}
  subtask(subtask&& other) noexcept : part_{std::exchange(other.part_, nullptr)} {}
  subtask& operator=(subtask&&) = delete;
  ~subtask() {
    if (part_)
      part_.destroy();
  }

  /// To be awaited once.
  auto operator co_await() && noexcept { return awaiter{part_}; }

private:
  class awaiter {
  public:
    explicit awaiter(std::coroutine_handle<promise_type> part) noexcept : part_{part} {}
    bool await_ready() const noexcept { return false; }
    template <detail::of_connection Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> awaiting) const noexcept {
      part_.promise().begin(awaiting, awaiting.promise().frame());
      return part_;
    }
    T await_resume() const { return part_.promise().result(); }

  private:
    std::coroutine_handle<promise_type> part_;
  };

  std::coroutine_handle<promise_type> part_;
};

template <class T>
subtask<T> detail::subtask_promise<T>::get_return_object() noexcept {
  return subtask<T>{std::coroutine_handle<subtask_promise>::from_promise(*this)};
}
inline subtask<void> detail::subtask_promise<void>::get_return_object() noexcept {
  return subtask<void>{std::coroutine_handle<subtask_promise>::from_promise(*this)};
}

/// The outcome of `co_await ws.call(…)`: the reply, or why there is none.
class call_result {
public:
  call_result(message reply) : result_{std::move(reply)} {}
  call_result(call_error why) : result_{std::move(why)} {}

  [[nodiscard]] explicit operator bool() const noexcept { return result_.index() == 0; }
  /// The reply. Throws `std::bad_variant_access` if there is none.
  [[nodiscard]] const message& value() const { return std::get<0>(result_); }
  /// Why there is no reply. Throws `std::bad_variant_access` if there is one.
  [[nodiscard]] const call_error& failure() const { return std::get<1>(result_); }

private:
  std::variant<message, call_error> result_;
};

namespace detail {

// GCC before 13 copies lambdas with captures and aggregates byte by byte, and destroys them twice, if they are made within a `co_await`.
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13
inline constexpr bool copies_temporaries = true;
#else
inline constexpr bool copies_temporaries = false;
#endif

/// Whether a function, or an argument, may be given to a function whose result is awaited. What is moved counts as made there.
template <class Given>
inline constexpr bool awaitable_function =
    !copies_temporaries || std::is_lvalue_reference_v<Given> || std::is_trivially_copyable_v<std::remove_cvref_t<Given>>;
template <class Given>
inline constexpr bool awaitable_argument = awaitable_function<Given> || !std::is_aggregate_v<std::remove_cvref_t<Given>>;

/// An awaitable that waits for an operation with a result.
template <class Result>
class awaiting {
public:
  bool await_ready() const noexcept { return result_.has_value(); }
  Result await_resume() { return *std::move(result_); }

protected:
  /// Makes the function that ends the suspension with a result. It does nothing if the coroutine was destroyed meanwhile.
  template <of_connection Promise>
  auto suspend(std::coroutine_handle<Promise> waiting) {
    auto& frame = waiting.promise().frame();
    return [this, ws = &frame.ws(), suspension = frame.suspend(waiting)](auto&&... result) {
      if (!coroutine_port::is_waiting(*ws, suspension))
        return;
      result_.emplace(std::forward<decltype(result)>(result)...);
      coroutine_port::resume(*ws, suspension);
    };
  }
  std::optional<Result> result_;
};

class awaiting_reply : public awaiting<call_result> {
public:
  explicit awaiting_reply(pending_call&& call) : call_{std::move(call)} {
    if (const auto failed = call_.failure())
      result_ = call_error{*failed};
  }
  template <of_connection Promise>
  void await_suspend(std::coroutine_handle<Promise> waiting) {
    const auto resume = suspend(waiting);
    call_.then([resume](message_view reply) { resume(message{reply}); }, [resume](const call_error& why) { resume(why); });
  }

private:
  pending_call call_;
};

class awaiting_drain {
public:
  explicit awaiting_drain(socket_base& ws) noexcept : ws_{&ws} {}
  bool await_ready() const noexcept { return !coroutine_port::is_drain_due(*ws_); }
  template <of_connection Promise>
  void await_suspend(std::coroutine_handle<Promise> waiting) {
    static_cast<void>(waiting.promise().frame().suspend(waiting, awaited::drain));
  }
  void await_resume() const noexcept {}

private:
  socket_base* ws_;
};

class awaiting_message {
public:
  explicit awaiting_message(socket_base& ws) noexcept : ws_{&ws} {}
  bool await_ready() { return coroutine_port::take_message(*ws_, received_); }
  template <of_connection Promise>
  void await_suspend(std::coroutine_handle<Promise> waiting) {
    coroutine_port::receive_into(*ws_, waiting.promise().frame().suspend(waiting, awaited::message), received_);
  }
  std::optional<message> await_resume() { return std::move(received_); }

private:
  socket_base* ws_;
  std::optional<message> received_;
};

template <codec Codec>
class awaiting_value : public awaiting_message {
public:
  awaiting_value(socket_base& ws, Codec codec) : awaiting_message{ws}, codec_{std::move(codec)} {}
  std::optional<typename Codec::message_type> await_resume() {
    const auto received = awaiting_message::await_resume();
    if (!received)
      return std::nullopt;
    auto read = decode(codec_, *received);
    if (!read)
      refuse_message(read.failure());
    return std::move(read).value();
  }

private:
  [[no_unique_address]] Codec codec_;
};

class awaiting_time {
public:
  explicit awaiting_time(std::chrono::milliseconds delay) noexcept : delay_{delay} {}
  bool await_ready() const noexcept { return false; }
  template <of_connection Promise>
  void await_suspend(std::coroutine_handle<Promise> waiting) {
    auto& frame = waiting.promise().frame();
    auto& ws = frame.ws();
    ws.after(delay_, [&ws, suspension = frame.suspend(waiting)] { coroutine_port::resume(ws, suspension); });
  }
  void await_resume() const noexcept {}

private:
  std::chrono::milliseconds delay_;
};

} // namespace detail

/// `co_await ws.call(request, 5s)` waits for the reply, and returns a `call_result`.
inline detail::awaiting_reply operator co_await(pending_call&& call) {
  return detail::awaiting_reply{std::move(call)};
}

/// `co_await harpia::sleep(1s)` waits, with the resolution of `socket_base::after`: up to 100 ms longer.
///
/// *Errors* Throws `std::invalid_argument` if `delay` is less than 0.
[[nodiscard]] inline detail::awaiting_time sleep(std::chrono::milliseconds delay) noexcept {
  return detail::awaiting_time{delay};
}

inline detail::awaiting_drain socket_base::drained() noexcept {
  return detail::awaiting_drain{*this};
}

inline detail::awaiting_message socket_base::receive() noexcept {
  return detail::awaiting_message{*this};
}

template <codec Codec>
detail::awaiting_value<Codec> socket_base::receive(Codec codec) {
  return {*this, std::move(codec)};
}

} // namespace harpia::inline v0
