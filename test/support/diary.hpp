// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/harpia.hpp>
#include <harpia/testing/world.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace harpia::test {

using names = std::vector<std::string>;

/// What the handlers of an application saw. They run on the thread of the test.
struct diary {
  names lines;
  std::vector<harpia::handle> open;

  [[nodiscard]] handlers<no_data> callbacks() {
    return {
        .open = [this](auto& ws) { open.push_back(ws.handle()); },
        .message = [](auto& ws, message_view message) { ws.send(message); },
        .close =
            [this](auto&, close_code code, std::string_view reason) {
              lines.push_back("close " + std::to_string(static_cast<int>(code)) + " " + std::string{reason});
            },
        .drain = [this](auto&) { lines.emplace_back("drain"); },
        .error = [this](auto&, const harpia::error&) { lines.emplace_back("error"); },
    };
  }
};

/// A world with the route /diary, which echoes.
struct diary_world {
  explicit diary_world(harpia::route_options options = {}, const testing::world_options& how = {}) : world{how} {
    world.app().ws("/diary", seen.callbacks(), std::move(options));
  }

  diary seen;
  testing::world world;
};

} // namespace harpia::test
