// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/request.hpp>
#include <harpia/testing/connection_end.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace harpia::testing {

class listening;

/// The test's end of a connection that a client of the application has opened, made by `server::accept`.
class server_end : public connection_end {
public:
  /// What the application's client asked for.
  [[nodiscard]] const request& opening() const noexcept;

  /// The bytes of a frame.
  [[nodiscard]] static std::string encode(const frame& what);

private:
  friend class server;
  explicit server_end(std::shared_ptr<testing::peer> behind) noexcept : connection_end{std::move(behind)} {}
};

/// A server that the test plays, made by `world::listen`. Whoever asks it for a WebSocket waits until the test takes or refuses them.
///
/// The destructor ends it: those that wait are reset, and further ones cannot connect. Connections that were accepted stay.
class server {
public:
  ~server();
  server(server&&) noexcept;
  server& operator=(server&&) noexcept;

  /// Takes whoever has waited for longest, with a 101.
  /// @param headers further fields of the answer, a "Sec-WebSocket-Protocol" for example
  /// @throws std::runtime_error if nobody asks
  [[nodiscard]] server_end accept(const std::vector<std::pair<std::string, std::string>>& headers = {});
  /// Answers whoever has waited for longest with another HTTP status, and closes. @throws std::runtime_error if nobody asks
  void refuse(int status);
  /// How many have asked and wait.
  [[nodiscard]] std::size_t waiting();

private:
  friend class world;
  explicit server(std::shared_ptr<listening> behind) noexcept : listening_{std::move(behind)} {}

  std::shared_ptr<listening> listening_; // null once moved from
};

} // namespace harpia::testing
