// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "message_pattern.hpp"

#include <stdexcept>

namespace load {

/// Takes a server's bytes apart as they come, without keeping payloads. Throws `std::runtime_error` where they break RFC 6455.
///
/// The sink's functions:
/// - `on_payload(offset, chunk, compression)`: a piece of a data message's payload; pieces come in order
/// - `on_message(kind, length, compression)`: the message was complete with that
/// - `on_control(kind, payload)`
class frame_reader {
public:
  enum class compression { none, deflate };

  template <class Sink>
  void feed(std::string_view bytes, Sink& sink) {
    while (!bytes.empty()) {
      if (header_size_ < header_needed_) {
        take_header(bytes, sink);
        continue;
      }
      const auto chunk = bytes.substr(0, remaining_);
      bytes.remove_prefix(chunk.size());
      remaining_ -= chunk.size();
      if (is_control())
        control_.append(chunk);
      else
        take_payload(chunk, sink);
      if (remaining_ == 0)
        end_frame(sink);
    }
  }

private:
  [[nodiscard]] bool is_control() const { return (header_[0] & 0x08) != 0; }
  [[nodiscard]] bool is_final() const { return (header_[0] & 0x80) != 0; }

  template <class Sink>
  void take_header(std::string_view& bytes, Sink& sink) {
    header_[header_size_++] = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    if (header_size_ == 2) {
      const auto length = header_[1] & 0x7fu;
      if ((header_[1] & 0x80) != 0)
        throw std::runtime_error{"the server sent a masked frame"};
      header_needed_ = length == 126 ? 4 : length == 127 ? 10 : 2;
      remaining_ = length;
    }
    if (header_size_ < header_needed_)
      return;
    if (header_needed_ > 2) {
      remaining_ = 0;
      for (std::size_t i = 2; i < header_needed_; ++i)
        remaining_ = remaining_ << 8 | header_[i];
    }
    begin_frame();
    if (remaining_ == 0)
      end_frame(sink);
  }

  void begin_frame();

  template <class Sink>
  void take_payload(std::string_view chunk, Sink& sink) {
    sink.on_payload(message_length_, chunk, compression_);
    message_length_ += chunk.size();
  }

  template <class Sink>
  void end_frame(Sink& sink) {
    header_size_ = 0;
    header_needed_ = 2;
    if (is_control()) {
      sink.on_control(static_cast<opcode>(header_[0] & 0x0f), std::string_view{control_});
      control_.clear();
    } else if (is_final()) {
      const auto kind = kind_;
      kind_ = opcode::continuation;
      sink.on_message(kind, message_length_, compression_);
    }
  }

  std::array<std::uint8_t, 10> header_{};
  std::size_t header_size_ = 0;
  std::size_t header_needed_ = 2;
  std::uint64_t remaining_ = 0;        // of the frame's payload
  opcode kind_ = opcode::continuation; // of the message that has begun, if one has
  compression compression_ = compression::none;
  std::size_t message_length_ = 0; // so far
  std::string control_;            // 125 bytes at most
};

} // namespace load
