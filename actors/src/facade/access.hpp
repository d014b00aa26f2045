// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <utility>

namespace harpia::inline v0::detail {

/// Access to the private state of public classes: each has a `state_`, and a constructor that takes one.
struct access {
  template <class Public, class... State>
  [[nodiscard]] static Public make(State&&... state) {
    return Public{std::forward<State>(state)...};
  }
  template <class Public>
  [[nodiscard]] static const auto& state(const Public& of) noexcept {
    return of.state_;
  }

  template <class Socket>
  [[nodiscard]] static auto& connection(Socket& of) noexcept {
    return *of.connection_;
  }

  /// Where a client runs: one of both is null.
  template <class Host>
  [[nodiscard]] static auto* system(const Host& of) noexcept {
    return of.system_;
  }
  template <class Host>
  [[nodiscard]] static auto* app(const Host& of) noexcept {
    return of.app_;
  }

  /// What an `engine` consists of.
  template <class Engine>
  [[nodiscard]] static const auto& maker(const Engine& of) noexcept {
    return of.maker_;
  }
  template <class Engine>
  [[nodiscard]] static const auto& options(const Engine& of) noexcept {
    return of.options_;
  }

  /// What a `page_handler` may consist of.
  template <class Handler>
  [[nodiscard]] static const auto& answer(const Handler& of) noexcept {
    return of.answer_;
  }
  template <class Handler>
  [[nodiscard]] static const auto& reply(const Handler& of) noexcept {
    return of.reply_;
  }
  template <class Handler>
  [[nodiscard]] static const auto& files(const Handler& of) noexcept {
    return of.files_;
  }
  template <class Handler>
  [[nodiscard]] static bool is_empty(const Handler& of) noexcept {
    return !of.answer_ && !of.reply_ && !of.files_;
  }
};

} // namespace harpia::inline v0::detail
