// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace harpia::inline v0 {

class task;

namespace detail {

template <class T>
inline constexpr bool is_std_function = false;
template <class Signature>
inline constexpr bool is_std_function<std::function<Signature>> = true;

} // namespace detail

/// A function of the program that the library calls: a lambda, a function or an object with a call operator. Empty by default.
///
/// What it holds need not be copyable: copies of a callback share the one function. `Rule::check<fits>()` says in one sentence how the
/// function must be callable, and does not compile unless `fits`. With `Rule::may_suspend` the function may be a coroutine, see `task`.
///
/// *Thread safety* As that of the function. Of a moved-from callback nothing but assignment may be used.
template <class Signature, class Rule>
class callback;

template <class Result, class... Arguments, class Rule>
class callback<Result(Arguments...), Rule> {
public:
  callback() noexcept = default;
  callback(std::nullptr_t) noexcept {}
  template <class Function>
    requires(!std::same_as<std::remove_cvref_t<Function>, callback>)
  callback(Function&& function) {
    using stored = std::decay_t<Function>;
    constexpr bool fits = std::is_invocable_r_v<Result, stored&, Arguments...>;
    Rule::template check<fits>();
    if constexpr (fits) {
      if (is_empty(function))
        return;
      if constexpr (std::is_same_v<std::invoke_result_t<stored&, Arguments...>, task>)
        store_coroutine<stored>(std::forward<Function>(function));
      else
        store<stored>(std::forward<Function>(function));
    }
  }

  /// Whether there is a function.
  [[nodiscard]] explicit operator bool() const noexcept { return call_ != nullptr; }
  /// Calls the function. There must be one.
  Result operator()(Arguments... arguments) const { return call_(function_.get(), std::forward<Arguments>(arguments)...); }

private:
  template <class Function>
  static bool is_empty(const Function& function) noexcept {
    if constexpr (std::is_pointer_v<Function> || std::is_member_pointer_v<Function> || detail::is_std_function<Function>)
      return !function;
    else
      return false;
  }

  template <class Stored, class Function>
  void store(Function&& function) {
    function_ = std::make_shared<Stored>(std::forward<Function>(function));
    call_ = [](void* target, Arguments... arguments) -> Result {
      if constexpr (std::is_void_v<Result>)
        std::invoke(*static_cast<Stored*>(target), std::forward<Arguments>(arguments)...);
      else
        return std::invoke(*static_cast<Stored*>(target), std::forward<Arguments>(arguments)...);
    };
  }

  // A coroutine uses its function's object, so it keeps that.
  template <class Stored, class Function>
  void store_coroutine(Function&& function) {
    constexpr bool may_suspend = requires {
      Rule::may_suspend;
    };
    static_assert(may_suspend,
                  "only the handlers 'open', 'message', 'message_part', 'call', 'drain' and 'dropped', and functions "
                  "for 'post', can be coroutines");
    if constexpr (may_suspend) {
      struct kept : std::enable_shared_from_this<kept> {
        explicit kept(Function&& given) : function{std::forward<Function>(given)} {}
        Stored function;
      };
      function_ = std::make_shared<kept>(std::forward<Function>(function));
      call_ = [](void* target, Arguments... arguments) {
        auto& self = *static_cast<kept*>(target);
        std::invoke(self.function, std::forward<Arguments>(arguments)...).start(self.shared_from_this());
      };
    }
  }

  Result (*call_)(void*, Arguments...) = nullptr;
  std::shared_ptr<void> function_;
};

} // namespace harpia::inline v0
