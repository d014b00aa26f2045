// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/event_loop.hpp"

#include <exception>
#include <functional>
#include <latch>
#include <optional>
#include <type_traits>
#include <utility>

namespace harpia::test {

/// Runs `work` on the thread of a loop, which is another one, waits for its end and throws what it threw.
inline void run_on(net::event_loop& loop, const std::function<void()>& work) {
  std::latch done{1};
  std::exception_ptr thrown;
  loop.post([&] {
    try {
      work();
    } catch (...) {
      thrown = std::current_exception();
    }
    done.count_down();
  });
  done.wait();
  if (thrown)
    std::rethrow_exception(thrown);
}

/// The same, for what it returns.
template <class Function>
auto result_on(net::event_loop& loop, Function work) {
  if constexpr (std::is_void_v<std::invoke_result_t<Function&>>) {
    run_on(loop, std::ref(work));
  } else {
    std::optional<std::invoke_result_t<Function&>> result;
    run_on(loop, [&] { result.emplace(work()); });
    return *std::move(result);
  }
}

} // namespace harpia::test
