// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "support/told.hpp"

#include <harpia/deflate_options.hpp>
#include <harpia/message_view.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace harpia::test {

struct beast_options {
  std::size_t max_message = std::size_t{1} << 20; ///< bytes of a received message, after decompression
  std::optional<deflate_options> deflate = {};    ///< what is offered or accepted; nothing: no compression
  std::size_t max_fragment = 0; ///< payload bytes of a frame that is sent, at least 8; 0: messages are not fragmented
};

/// One end of a WebSocket conversation in memory, by Boost.Beast: an implementation that shares no code with the library's.
///
/// Bytes go in and come out, as with a `websocket::session`. All work is done inside the calls: there is no thread, no socket and
/// nothing to wait for. It is not given bytes any more once it `is_over`, since what Beast does then is undefined.
class beast_endpoint {
public:
  /// A client's opening handshake waits in `take_written` at once. A server takes one by `receive`.
  explicit beast_endpoint(role self, const beast_options& options = {});
  ~beast_endpoint();
  beast_endpoint(const beast_endpoint&) = delete;
  beast_endpoint& operator=(const beast_endpoint&) = delete;

  /// Takes bytes from the peer, in any pieces. Does nothing once it is over.
  void receive(std::string_view bytes);
  /// The peer's bytes have ended. Does nothing once it is over.
  void receive_end();
  /// What it has written since it was last asked.
  [[nodiscard]] std::string take_written();
  /// Everything that it has told.
  [[nodiscard]] const told_list& events() const noexcept;

  [[nodiscard]] bool is_open() const noexcept;
  /// It has failed, lost its peer, or finished the closing handshake.
  [[nodiscard]] bool is_over() const noexcept;

  // Each of these throws `std::runtime_error` if Beast refuses.

  void send(message_view message);
  /// Sends a frame of a message, whose kind is that of the first part. Pings may be sent between.
  void send_part(message_view part, last_part last);
  void ping(std::string_view payload);
  /// Begins the closing handshake. What comes from the peer before its close frame is not told any more.
  void close(int code, std::string_view reason);

private:
  class stream;
  std::unique_ptr<stream> stream_;
};

} // namespace harpia::test
