// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/event_loop.hpp"
#include "net/tls_context.hpp"
#include "net/unique_fd.hpp"

#include "input.hpp"
#include "known_text.hpp"
#include "record_line.hpp"
#include "tls_server_end.hpp"

#include "support/counted_memory.hpp"
#include "support/tls_peer.hpp"

#include <array>
#include <cstddef>
#include <random>
#include <string>

namespace harpia::fuzz {

/// Who speaks to whom, and through what.
struct tls_setting {
  const net::tls_server* server = nullptr;
  bool server_takes_client = true;     ///< if nothing happens to what they say
  bool server_verifies_client = false; ///< and tells who it is
  test::tls_peer_options client = {};
  std::size_t read_size = 0;  ///< bytes that the server reads at once
  std::size_t piece_size = 0; ///< the most bytes that arrive at once
  unsigned seed = 0;          ///< of how many do
  bool is_narrow = false;     ///< the server's socket takes little at once
};

/// Both ends of a connection on one loop, and all that happens between them, a little in every turn. Requires what is said at the top of
/// the target.
class tls_conversation final : private net::io_handler {
public:
  explicit tls_conversation(const tls_setting& setting);
  ~tls_conversation();
  tls_conversation(const tls_conversation&) = delete;
  tls_conversation& operator=(const tls_conversation&) = delete;

  /// Plays all of `script`, and then to the end. Once.
  ///
  /// A byte of the script says what happens, in its lower half, and how, in its upper; further ones may follow.
  void run(input script);
  /// In the place of a client, something sends these bytes. Once, instead.
  void run_raw(std::string_view bytes);

  /// Nothing has happened that a client and a server would have to put up with.
  [[nodiscard]] bool is_undamaged() const noexcept { return !is_damaged_ && !line_.is_damaged(); }
  [[nodiscard]] const test::tls_peer& client() const noexcept { return client_; }

private:
  void on_io(net::interest ready) override;
  void play();
  void finish();
  void speak();
  [[nodiscard]] bool send();
  [[nodiscard]] bool hear();
  void end_client();
  void close_server();
  [[nodiscard]] bool is_over() const noexcept;
  void check() const;

  tls_setting setting_;
  std::minstd_rand random_;
  std::array<net::unique_fd, 2> sockets_; // the client's, and the server's until that has it
  net::unique_fd always_ready_;           // so that the loop never waits
  net::event_loop loop_;
  test::memory_watch memory_; // of both ends
  known_text from_client_;
  known_text from_server_;
  test::tls_peer client_;
  record_line line_; // from the client to the server
  tls_server_end server_;

  input script_{nullptr, 0};
  std::size_t client_may_say_;
  std::size_t server_may_say_;
  std::size_t client_is_to_say_ = 0;
  unsigned key_updates_ = 0; // that the client is to make
  unsigned key_updates_left_;
  test::tls_peer::key_update how_to_update_ = test::tls_peer::key_update::silent;
  unsigned waits_ = 0; // turns
  unsigned quiet_ = 0; // turns in which nothing came or went
  int turns_ = 0;
  bool is_raw_ = false;
  bool is_deaf_ = false; // the client does not read its socket
  bool wants_to_close_ = false;
  bool has_closed_ = false;    // the client has said close_notify
  bool has_ended_ = false;     // the client sends no more
  bool has_heard_end_ = false; // the client's socket has
  bool is_damaged_ = false;
};

} // namespace harpia::fuzz
