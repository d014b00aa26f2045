// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/channel.hpp"
#include "net/event_loop.hpp"

#include "known_text.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <optional>

namespace harpia::fuzz {

/// Who has a server's end of a connection: reads it to its end, says something, and then nothing more.
class tls_server_end final : private net::io_handler {
public:
  /// @param read_size bytes to read at once
  /// @param ours what it says, @param theirs what it is told
  tls_server_end(net::event_loop& loop, std::unique_ptr<net::byte_stream> stream, std::size_t read_size, known_text& ours,
                 known_text& theirs);
  ~tls_server_end();
  tls_server_end(const tls_server_end&) = delete;
  tls_server_end& operator=(const tls_server_end&) = delete;

  void say(std::size_t size);
  /// No more than what it was to say so far.
  void close();
  void stop_reading();
  void go_on_reading();

  [[nodiscard]] bool is_reading() const noexcept { return is_reading_; }
  /// It has heard everything, or the stream has failed.
  [[nodiscard]] bool has_heard_the_end() const noexcept { return has_heard_the_end_ || has_failed(); }
  [[nodiscard]] bool has_failed() const noexcept { return stream_ == nullptr; }
  /// Nothing is left to be said, and the other end was told so.
  [[nodiscard]] bool has_closed() const noexcept { return has_closed_; }
  [[nodiscard]] bool has_heard() const noexcept { return has_heard_; }
  /// Once something was heard: what is told of the client's certificate.
  [[nodiscard]] const std::optional<peer_certificate>& certificate() const noexcept { return certificate_; }

private:
  void on_io(net::interest ready) override;
  void read();
  void write();
  void fail();
  void watch();

  net::event_loop* loop_;
  std::unique_ptr<net::byte_stream> stream_; // until it fails
  std::size_t read_size_;
  known_text* ours_;
  known_text* theirs_;
  std::size_t place_ = 0;  // of what is to be said next
  std::size_t to_say_ = 0; // bytes
  std::optional<peer_certificate> certificate_;
  bool is_reading_ = true;
  bool is_closing_ = false;
  bool has_closed_ = false;
  bool has_heard_ = false;
  bool has_heard_the_end_ = false;
};

} // namespace harpia::fuzz
