// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/error.hpp>

namespace harpia::inline v0 {

namespace {

class errc_category final : public std::error_category {
public:
  [[nodiscard]] const char* name() const noexcept override { return "harpia"; }

  [[nodiscard]] std::string message(int value) const override {
    switch (static_cast<errc>(value)) {
      case errc::handler_threw: return "a handler ended with an exception";
      case errc::protocol_violation: return "the peer broke the WebSocket protocol";
      case errc::invalid_text: return "the peer sent text that is not UTF-8";
      case errc::message_too_big: return "the peer sent a message over the limit";
      case errc::read_failed: return "reading from the peer failed";
      case errc::write_failed: return "writing to the peer failed";
      case errc::connection_lost: return "the peer vanished without a close frame";
      case errc::buffer_limit: return "too many bytes wait for the peer";
      case errc::idle_timeout: return "nothing was received from the peer in time";
      case errc::close_timeout: return "the peer did not answer a close frame in time";
      case errc::request_failed: return "a request to another actor failed";
      case errc::unaccepted_message: return "the connection does not handle messages of that kind";
      case errc::undecodable_message: return "the peer sent a message that cannot be decoded";
      case errc::connect_failed: return "the server cannot be reached";
      case errc::connect_timeout: return "the server did not answer in time";
      case errc::handshake_refused: return "the server refused the WebSocket";
    }
    return "unknown error";
  }
};

class condition_category final : public std::error_category {
public:
  [[nodiscard]] const char* name() const noexcept override { return "harpia.condition"; }

  [[nodiscard]] std::string message(int value) const override {
    switch (static_cast<error_kind>(value)) {
      case error_kind::peer_fault: return "the peer violated a protocol or a limit";
      case error_kind::transport: return "the transport to the peer has failed";
    }
    return "unknown condition";
  }

  [[nodiscard]] bool equivalent(const std::error_code& code, int condition) const noexcept override {
    if (code.category() != harpia::error_category())
      return false;
    switch (static_cast<errc>(code.value())) {
      case errc::protocol_violation:
      case errc::invalid_text:
      case errc::message_too_big:
      case errc::undecodable_message: return static_cast<error_kind>(condition) == error_kind::peer_fault;
      case errc::read_failed:
      case errc::write_failed:
      case errc::connection_lost:
      case errc::idle_timeout:
      case errc::close_timeout:
      case errc::connect_failed:
      case errc::connect_timeout: return static_cast<error_kind>(condition) == error_kind::transport;
      case errc::handler_threw:
      case errc::buffer_limit:
      case errc::request_failed:
      case errc::unaccepted_message:
      case errc::handshake_refused: return false;
    }
    return false;
  }

  using std::error_category::equivalent;
};

} // namespace

const std::error_category& error_category() noexcept {
  static const errc_category category;
  return category;
}

std::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), error_category()};
}

std::error_condition make_error_condition(error_kind condition) noexcept {
  static const condition_category category;
  return {static_cast<int>(condition), category};
}

} // namespace harpia::inline v0
