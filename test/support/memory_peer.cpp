// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/memory_peer.hpp"
#include "support/event_functions.hpp"

#include "support/bytes.hpp"
#include "support/opening.hpp"
#include "support/timeless_session.hpp"

#include "websocket/session_context.hpp"

#include <stdexcept>
#include <string>

namespace harpia::test {

namespace {

const route_options& options() {
  static const route_options all{.max_payload = echo_max_payload, .high_watermark = 1 << 24, .max_buffered = 1 << 24};
  return all;
}

class memory_peer final : public conversation, private event_functions {
public:
  memory_peer() {
    session_.accept(opening_request(), {});
    written_ += session_.written();
    const auto end = written_.find("\r\n\r\n");
    if (!written_.starts_with("HTTP/1.1 101 ") || end == std::string::npos)
      throw std::runtime_error{"memory_peer: not a 101: " + written_};
    written_.erase(0, end + 4);
  }

  void send(std::string_view bytes) override {
    auto copy = copy_of_bytes(bytes);
    session_.receive(copy);
  }

  std::optional<frame> read() override {
    written_ += session_.written();
    auto frame = take_frame(written_);
    if (!frame && (!ended_ || !written_.empty()))
      throw std::runtime_error{"memory_peer: nothing came"};
    return frame;
  }

  void end() override { session_.receive_end({}); }

  // What `echo` calls.
  void send(message_view message) { session_.send(message); }
  void close(close_code code, std::string_view reason) { session_.close(code, reason); }
  void terminate() { session_.abort(); }

private:
  void on_message(message_view message) override { echo(*this, message); }
  void on_closed(close_code, std::string_view) override { ended_ = true; }

  websocket::session_context context_;
  timeless_session session_{context_, *this, options()};
  std::string written_;
  bool ended_ = false;
};

} // namespace

std::unique_ptr<conversation> make_memory_peer() {
  return std::make_unique<memory_peer>();
}

} // namespace harpia::test
