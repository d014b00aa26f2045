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

namespace harpia::inline v0::testing {

class listening;

/// The test's end of a connection that a client of the application has opened, made by `server::accept`.
class server_end : public connection_end {
public:
  /// The upgrade request of the application's client.
  [[nodiscard]] const request& opening() const noexcept;

  /// The bytes of a frame that a server sends.
  [[nodiscard]] static std::string encode(const frame& what);

private:
  friend class server;
  explicit server_end(std::shared_ptr<testing::peer> behind) noexcept : connection_end{std::move(behind)} {}
};

/// A server that the test plays, made by `world::listen`. Upgrade requests wait until the test accepts or refuses them.
///
/// *Lifetimes* The destructor ends the server: waiting connections are reset, and new ones are refused. Accepted connections stay
/// open.
class server {
public:
  ~server();
  server(server&&) noexcept;
  server& operator=(server&&) noexcept;

  /// Accepts the upgrade request that has waited for longest, with a 101 response.
  /// @param headers further header fields of the response, for example "Sec-WebSocket-Protocol"
  ///
  /// *Errors* Throws `std::runtime_error` if no request is waiting.
  [[nodiscard]] server_end accept(const std::vector<std::pair<std::string, std::string>>& headers = {});
  /// Answers the upgrade request that has waited for longest with another HTTP status, and closes its connection.
  ///
  /// *Errors* Throws `std::runtime_error` if no request is waiting.
  void refuse(int status);
  /// The number of upgrade requests that are waiting.
  [[nodiscard]] std::size_t waiting();

private:
  friend class world;
  explicit server(std::shared_ptr<listening> behind) noexcept : listening_{std::move(behind)} {}

  std::shared_ptr<listening> listening_; ///< null after a move
};

} // namespace harpia::inline v0::testing
