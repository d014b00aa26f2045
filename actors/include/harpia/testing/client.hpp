// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/http.hpp>
#include <harpia/testing/connection_end.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace harpia::testing {

/// A simulated client of a `world`, made by `world::connect`.
class client : public connection_end {
public:
  /// What the application answered instead of 101.
  [[nodiscard]] std::optional<http_response> refusal();
  /// A field of the answer to the upgrade request, compared without case; nothing if there is none.
  [[nodiscard]] std::optional<std::string> response_header(std::string_view name);

  /// The bytes of a frame.
  [[nodiscard]] static std::string encode(const frame& what);

private:
  friend class world;
  explicit client(std::shared_ptr<testing::peer> behind) noexcept : connection_end{std::move(behind)} {}
};

} // namespace harpia::testing
