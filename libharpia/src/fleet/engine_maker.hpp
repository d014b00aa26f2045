// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "fleet/engine.hpp"
#include "fleet/history_limits.hpp"
#include "net/event_loop.hpp"
#include <harpia/engine.hpp>

#include <functional>
#include <memory>
#include <string_view>
#include <utility>

namespace harpia::inline v0::fleet {

/// What an engine needs of the node that it works for.
struct engine_setting {
  net::event_loop* loop; ///< outlives the engine, whose functions and events are all on its thread
  history_limits history;
  /// Gets sentences for the operator, for example why the engine cannot be reached.
  std::function<void(std::string_view sentence)> warn;
};

/// Makes the engines of the nodes of a fleet. Any thread may use it.
class engine_maker {
public:
  virtual ~engine_maker() = default;
  [[nodiscard]] virtual std::unique_ptr<engine> make(const engine_setting& setting) = 0;

  /// What programs give to their apps.
  [[nodiscard]] static harpia::engine for_apps(std::shared_ptr<engine_maker> maker, engine_options options) {
    return {std::move(maker), std::move(options)};
  }
};

} // namespace harpia::inline v0::fleet
