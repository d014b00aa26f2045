// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/callback.hpp>
#include <harpia/detail/handler_rules.hpp>
#include <harpia/message_view.hpp>

#include <concepts>
#include <functional>
#include <type_traits>
#include <utility>

namespace harpia::inline v0 {

template <class Data>
class socket;
class task;

namespace detail {

/// Whether `Function` is a coroutine that can be the conversation of a connection.
template <class Function, class Data>
concept conversation = requires(Function& function, socket<Data>& ws) {
  { function(ws) } -> std::same_as<task>;
};

/// The field `coroutine` of `handlers`: empty, or a function that takes a `socket<Data>&` and returns a `task`.
template <class Data, class Message>
class coroutine_source {
public:
  coroutine_source() noexcept = default;
  template <class Function>
    requires(!std::same_as<std::remove_cvref_t<Function>, coroutine_source>)
  coroutine_source(Function&& function) {
    using stored = std::decay_t<Function>;
    constexpr bool has_codec = !std::is_same_v<Message, message_view>;
    static_assert(!has_codec, "a route with a codec cannot have a 'coroutine': without it, co_await ws.receive(codec) decodes");
    constexpr bool fits = conversation<stored, Data>;
    static_assert(has_codec || fits, "'coroutine' must be callable as coroutine(auto& ws) and return harpia::task");
    if constexpr (!has_codec && fits)
      start_ = [function = stored{std::forward<Function>(function)}](socket<Data>& ws) mutable { function(ws).converse(); };
  }

  [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(start_); }
  /// Starts the coroutine of a connection.
  void operator()(socket<Data>& ws) const { start_(ws); }

private:
  callback<void(socket<Data>& ws), rules::open> start_;
};

} // namespace detail
} // namespace harpia::inline v0
