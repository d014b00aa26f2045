// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/coroutine.hpp>

#include <caf/error.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/expected.hpp>

#include <chrono>
#include <coroutine>
#include <tuple>
#include <type_traits>
#include <utility>

namespace harpia::inline v0 {

namespace detail {

/// The type of a response with values of types `Results`.
template <class... Results>
struct response_of {
  using type = std::tuple<Results...>;
};
template <class Result>
struct response_of<Result> {
  using type = Result;
};
template <>
struct response_of<> {
  using type = void;
};

/// An awaitable that sends a request to an actor, and waits for the response.
template <class Handle, class Request, class... Results>
class awaiting_response : public awaiting<caf::expected<typename response_of<Results...>::type>> {
public:
  awaiting_response(Handle to, std::chrono::milliseconds timeout, Request request)
      : to_{std::move(to)}, timeout_{timeout}, request_{std::move(request)} {}

  template <of_connection Promise>
  void await_suspend(std::coroutine_handle<Promise> waiting) {
    auto& self = waiting.promise().frame().ws().self();
    const auto resume = this->suspend(waiting);
    const auto on_response = [resume](Results&... results) {
      if constexpr (sizeof...(Results) == 0)
        resume(caf::unit);
      else if constexpr (sizeof...(Results) == 1)
        resume(std::move(results)...);
      else
        resume(std::tuple<Results...>{std::move(results)...});
    };
    std::apply(
        [&](auto&... parts) {
          self.request(to_, timeout_, std::move(parts)...).then(on_response, [resume](caf::error& why) {
            resume(std::move(why));
          });
        },
        request_);
  }

private:
  Handle to_;
  std::chrono::milliseconds timeout_;
  Request request_;
};

} // namespace detail

/// `co_await harpia::ask<int>(actor, 2s, get_atom::value)` sends a request to an actor, and waits for its response.
///
/// The result is a `caf::expected`: of nothing, of the one type in `Results`, or of a tuple of several; or the error that the actor, or
/// CAF, has answered with, for example `caf::sec::request_timeout`. A response of other types is `caf::sec::unexpected_response`.
/// @param timeout how long to wait for the response
template <class... Results, class Handle, class... Ts>
[[nodiscard]] auto ask(const Handle& to, std::chrono::milliseconds timeout, Ts&&... request) {
  constexpr bool is_safe = (detail::awaitable_argument<Ts> && ...);
  static_assert(is_safe, "g++ before 13 destroys an aggregate twice that is made within co_await: give it a name before, as in "
                         "'const order wanted{…}; co_await harpia::ask<int>(actor, 2s, wanted)'");
  using tuple = std::tuple<std::decay_t<Ts>...>;
  return detail::awaiting_response<Handle, tuple, Results...>{to, timeout, tuple{std::forward<Ts>(request)...}};
}

} // namespace harpia::inline v0
