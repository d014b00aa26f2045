// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/close_code.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace harpia::inline v0::testing {

class peer;

/// How a connection ended: the code and reason of the application's close frame, `no_status` if that had no code, `abnormal` if
/// none came.
struct ending {
  close_code code;
  std::string reason;
};

/// A frame that the test sends (RFC 6455, 5.2). It may violate the protocol.
struct frame {
  enum class masking : std::uint8_t {
    due, ///< as the RFC demands: clients mask, servers do not
    unmasked,
    masked,
  };

  unsigned opcode = 1; ///< only the low 4 bits count
  std::string payload = {};
  bool final = true;
  unsigned reserved = 0; ///< RSV1 is 4, RSV2 is 2, RSV3 is 1
  masking mask = masking::due;
};

/// The test's end of a connection with the application.
///
/// It answers pings and close frames. It checks what it receives: if the application violates the protocol, the call that notices
/// it throws.
///
/// An action takes effect, with all that follows from it, before its call returns. With a seed the world decides instead what
/// arrives when. Functions that return received data wait for it in either case.
///
/// *Errors* Every function throws `std::logic_error` once the world is gone.
///
/// *Lifetimes* The destructor cuts the connection as `cut` does.
class connection_end {
public:
  /// Sends a text message. Nothing is sent after the connection has ended or after `close`.
  void send(std::string_view text);
  void send_binary(std::string_view bytes);
  void ping(std::string_view payload = {});
  /// Starts the closing handshake.
  ///
  /// *Errors* Throws `std::invalid_argument` if `reason` is over 123 bytes.
  void close(close_code code = close_code::normal, std::string_view reason = {});

  /// Returns the next message, which must be text.
  ///
  /// *Errors* Throws `std::runtime_error` that describes the connection if there is no message, or if it is binary.
  [[nodiscard]] std::string received();
  /// As `received`, for a message that must be binary.
  [[nodiscard]] std::string received_binary();
  /// Returns the next message of either kind; nothing if there is none.
  [[nodiscard]] std::optional<std::string> try_received();
  /// Runs the world until nothing is left to do and returns all messages.
  [[nodiscard]] std::vector<std::string> received_all();
  /// Returns the payload of the next pong.
  ///
  /// *Errors* Throws `std::runtime_error` if there is none.
  [[nodiscard]] std::string received_pong();

  /// Whether the upgrade was accepted and the connection has not ended.
  [[nodiscard]] bool is_open();
  /// How the connection ended; nothing while it is open, and if it never opened.
  [[nodiscard]] std::optional<ending> closed();
  /// Bytes that this end has sent and that the application has no room for because it does not read.
  [[nodiscard]] std::size_t unsent();

  // Faults.

  /// Stops reading. The application's bytes fill the kernel's buffer, then its own buffers.
  void stop_reading();
  void resume_reading();
  /// Disappears as behind a broken network: nothing arrives in either direction any more, and neither side is notified.
  void vanish();
  /// Closes the socket without a close frame. The application reads the end of the stream.
  void cut();
  /// Resets the connection. Reads and writes of the application fail with ECONNRESET.
  void reset();
  /// Sends bytes as they are, for example half of a frame.
  void send_raw(std::string_view bytes);
  /// Sends bytes in pieces of `size` bytes. The application reads each piece separately.
  ///
  /// *Errors* Throws `std::invalid_argument` if `size` is 0.
  void send_in_pieces(std::string_view bytes, std::size_t size);
  void send_frame(const frame& what);

protected:
  explicit connection_end(std::shared_ptr<testing::peer> behind) noexcept : peer_{std::move(behind)} {}
  ~connection_end();
  connection_end(connection_end&&) noexcept;
  connection_end& operator=(connection_end&&) noexcept;

  [[nodiscard]] testing::peer& peer() const noexcept { return *peer_; }

private:
  std::shared_ptr<testing::peer> peer_; ///< null after a move
};

} // namespace harpia::inline v0::testing
