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

namespace harpia::testing {

class peer;

/// How a connection ended: the application's close frame, `no_status` if it held no code, `abnormal` if none came.
struct ending {
  close_code code;
  std::string reason;
};

/// A frame as the test's end sends it (RFC 6455, 5.2); may be one that should not be sent.
struct frame {
  enum class masking : std::uint8_t {
    due, ///< clients mask, servers do not
    unmasked,
    masked,
  };

  unsigned opcode = 1; // the low 4 bits count
  std::string payload = {};
  bool final = true;
  unsigned reserved = 0; // RSV1 is 4, RSV2 is 2, RSV3 is 1
  masking mask = masking::due;
};

/// The test's end of a connection with the application, whose end is called the other one here. It is strict about what it receives: it
/// answers pings and close frames, and an application that breaks the protocol makes the call throw in which that is noticed.
///
/// What it does arrives before the call returns, with all that follows from it. Only under a seed the world decides what arrives
/// when; what is asked for, `received` for example, is waited for in either case.
///
/// Every function throws `std::logic_error` once the world is gone. The destructor cuts the connection as `cut` does.
class connection_end {
public:
  /// Sends a message. Nothing is sent any more once the connection has ended or this end has closed.
  void send(std::string_view text);
  void send_binary(std::string_view bytes);
  void ping(std::string_view payload = {});
  /// Starts the closing handshake. @throws std::invalid_argument if `reason` is over 123 bytes
  void close(close_code code = close_code::normal, std::string_view reason = {});

  /// The next text message. @throws std::runtime_error that tells how things stand if there is none, or if it is binary
  [[nodiscard]] std::string received();
  /// The next message, which must be binary.
  [[nodiscard]] std::string received_binary();
  /// The next message of either kind, if there is one.
  [[nodiscard]] std::optional<std::string> try_received();
  /// All messages there are, once nothing more comes.
  [[nodiscard]] std::vector<std::string> received_all();
  /// The payload of the next pong. @throws std::runtime_error if there is none
  [[nodiscard]] std::string received_pong();

  /// Whether the upgrade was accepted and the connection has not ended.
  [[nodiscard]] bool is_open();
  /// How the connection ended; nothing while it has not, and if it never opened.
  [[nodiscard]] std::optional<ending> closed();
  /// Bytes that were sent here and that the application has not made room for: it does not read.
  [[nodiscard]] std::size_t unsent();

  // Faults.

  /// Reads no more: what the application sends fills the kernel's buffer and then waits on its side.
  void stop_reading();
  void resume_reading();
  /// Is gone without a word, as behind a broken network: nothing arrives in either direction any more, and nobody is told.
  void vanish();
  /// Closes the socket without a close frame; the application reads the end of the stream.
  void cut();
  /// Breaks the connection: reads and writes of the application fail with ECONNRESET.
  void reset();
  /// Sends bytes as they are, a frame's half for example.
  void send_raw(std::string_view bytes);
  /// Sends them in pieces of `size` bytes, each of which the application reads by itself.
  void send_in_pieces(std::string_view bytes, std::size_t size);
  void send_frame(const frame& what);

protected:
  explicit connection_end(std::shared_ptr<testing::peer> behind) noexcept : peer_{std::move(behind)} {}
  ~connection_end();
  connection_end(connection_end&&) noexcept;
  connection_end& operator=(connection_end&&) noexcept;

  [[nodiscard]] testing::peer& peer() const noexcept { return *peer_; }

private:
  std::shared_ptr<testing::peer> peer_; // null once moved from
};

} // namespace harpia::testing
