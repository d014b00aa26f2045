// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "support/timeless_session.hpp"
#include "websocket/session_context.hpp"

#include "frame_script.hpp"
#include "input.hpp"

#include "support/event_functions.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace harpia::fuzz {

/// What the owner of a session does, besides listening.
struct owner_plan {
  bool echoes = false;
  bool takes_parts = false;
  unsigned pause_every = 0;  // messages; 0: never
  unsigned resume_after = 0; // pieces
  unsigned close_after = 0;  // messages; 0: never
};

/// What the first bytes of an input choose for two sessions that get the same, one of them in pieces: three, and one more if the sessions
/// may compress.
struct session_choice {
  explicit session_choice(input& in);

  /// Pieces of a stream, not too many: a long one in single bytes would take seconds.
  [[nodiscard]] pieces cut(std::size_t stream_size) const noexcept;

  /// How the messages of one side are compressed.
  [[nodiscard]] deflate_choice deflate_of(sender from) const noexcept;

  bool raw = false;           ///< the input itself is to be sent, rather than what is made of it
  bool peer_deflates = false; ///< the peer offers compression, or agrees to it
  route_options options;
  owner_plan of_whole;
  owner_plan of_cut;

private:
  std::size_t max_piece_ = 0;
  unsigned seed_ = 0;
};

/// Owns a session, writes down what it tells, and sees to it that it tells nothing that it must not.
class session_story final : private harpia::test::event_functions {
public:
  session_story(websocket::session_context& shared, const route_options& options, const owner_plan& plan);

  /// To open it.
  [[nodiscard]] test::timeless_session& session() noexcept { return session_; }
  /// What it queued since it was last asked.
  [[nodiscard]] std::string take_written();

  /// Gives it `stream` in pieces, and then the end.
  void receive(std::string_view stream, const pieces& how);

  /// What it told, up to a failure.
  [[nodiscard]] const std::string& told() const noexcept { return told_; }
  /// The failure, if there was one, and the end.
  [[nodiscard]] const std::string& ending() const noexcept { return ending_; }
  [[nodiscard]] bool has_failed() const noexcept { return has_failed_; }
  /// Messages that were sent back, if they are to be.
  [[nodiscard]] const std::string& echoed() const noexcept { return echoed_; }

private:
  void on_response(const http_response& answer) override;
  void on_message(message_view message) override;
  void on_part(message_view part, last_part last) override;
  void on_ping(std::string_view payload) override { tell_control("ping", payload); }
  void on_pong(std::string_view payload) override { tell_control("pong", payload); }
  void on_failed(const error& what) override;
  void on_closed(close_code code, std::string_view reason) override;

  void tell(std::string_view what, std::string_view payload);
  void tell_control(std::string_view what, std::string_view payload);
  void resume_all();

  std::size_t max_payload_;
  owner_plan plan_;
  test::timeless_session session_;
  std::string told_;
  std::string ending_;
  std::string echoed_;
  std::string message_; // of which parts have come
  unsigned parts_ = 0;
  unsigned messages_ = 0;
  unsigned paused_for_ = 0; // pieces
  bool has_failed_ = false;
  bool has_ended_ = false;
};

/// Opens the session of a story, has it receive in pieces, and returns what it wrote.
using story_run = std::function<std::string(session_story& story, const pieces& how)>;

/// Has two sessions get the same, one of them in pieces, and requires that they tell and write the same.
void compare_stories(const session_choice& choice, std::size_t stream_size, const story_run& run);

} // namespace harpia::fuzz
