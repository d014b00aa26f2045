// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/http.hpp>
#include <harpia/testing/connection_end.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace harpia::inline v0::testing {

/// A simulated client of a `world`, made by `world::connect`.
class client : public connection_end {
public:
  /// The application's response if it refused the upgrade; nothing otherwise.
  [[nodiscard]] std::optional<http_response> refusal();
  /// A header field of the response to the upgrade request, compared without case; nothing if there is none.
  [[nodiscard]] std::optional<std::string> response_header(std::string_view name);

  /// The bytes of a frame that a client sends.
  [[nodiscard]] static std::string encode(const frame& what);

private:
  friend class world;
  explicit client(std::shared_ptr<testing::peer> behind) noexcept : connection_end{std::move(behind)} {}
};

} // namespace harpia::inline v0::testing
