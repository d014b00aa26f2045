// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/beast_endpoint.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/_experimental/test/stream.hpp>
#include <boost/beast/websocket/error.hpp>
#include <boost/beast/websocket/option.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <memory>
#include <stdexcept>
#include <utility>

namespace harpia::test {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;

namespace {

websocket::permessage_deflate extension_of(const deflate_options& options) {
  websocket::permessage_deflate extension;
  extension.server_enable = extension.client_enable = true;
  extension.server_max_window_bits = options.server_max_window_bits;
  extension.client_max_window_bits = options.client_max_window_bits;
  extension.server_no_context_takeover = options.server_context_takeover == context_takeover::disabled;
  extension.client_no_context_takeover = options.client_context_takeover == context_takeover::disabled;
  extension.compLevel = options.level;
  extension.memLevel = options.memory_level;
  extension.msg_size_threshold = options.threshold;
  return extension;
}

// The codes are those that Beast puts into its close frame. It sends none for what it cannot inflate.
told failure_of(const beast::error_code& failure) {
  const auto failed = [&](int code, fault why) {
    return told{.what = told::event::failed, .code = code, .why = why, .words = failure.message()};
  };
  if (failure == websocket::error::bad_frame_payload)
    return failed(1007, fault::text);
  if (failure == websocket::error::message_too_big)
    return failed(1009, fault::size);
  if (failure == websocket::error::bad_close_code)
    return failed(1002, fault::close_code);
  if (failure == websocket::error::bad_close_payload)
    return failed(1002, fault::close_reason);
  if (failure == websocket::condition::protocol_violation)
    return failed(1002, fault::frame);
  return failed(0, fault::compression);
}

} // namespace

class beast_endpoint::stream {
public:
  stream(role self, const beast_options& options) : room_{options.deflate ? options.max_message + spare_room : usual_room} {
    stream_.next_layer().connect(peer_);
    stream_.secure_prng(false); // masks need not be secret here
    stream_.read_message_max(options.max_message);
    stream_.auto_fragment(options.max_fragment > 0);
    if (options.max_fragment > 0)
      stream_.write_buffer_bytes(options.max_fragment);
    if (options.deflate)
      stream_.set_option(extension_of(*options.deflate));
    stream_.control_callback([this](websocket::frame_type kind, beast::string_view payload) {
      if (kind != websocket::frame_type::close)
        tell(kind == websocket::frame_type::ping ? told::event::ping : told::event::pong, {payload.data(), payload.size()});
    });
    const auto opened = [this](beast::error_code failure) {
      if (failure)
        return finish(failure);
      is_open_ = true;
      read_on();
    };
    if (self == role::server)
      stream_.async_accept(opened);
    else
      stream_.async_handshake("localhost", "/", opened);
    run();
  }

  void receive(std::string_view bytes) {
    beast::error_code failure;
    if (!is_over_)
      peer_.write_some(asio::buffer(bytes.data(), bytes.size()), failure);
    run();
  }

  void receive_end() {
    if (!is_over_)
      peer_.close();
    run();
  }

  [[nodiscard]] std::string take_written() {
    const auto bytes = peer_.str();
    std::string written{bytes.data(), bytes.size()};
    peer_.clear();
    return written;
  }

  void send_part(message_view part, last_part last) {
    beast::error_code failure;
    stream_.text(part.is_text());
    stream_.write_some(last == last_part::yes, asio::buffer(part.text().data(), part.size()), failure);
    require(failure);
  }

  void ping(std::string_view payload) {
    beast::error_code failure;
    stream_.ping({payload.data(), payload.size()}, failure);
    require(failure);
  }

  void close(int code, std::string_view reason) {
    if (is_over_)
      throw std::runtime_error{"Beast refuses: the conversation is over"};
    is_closing_ = true;
    const beast::string_view why{reason.data(), reason.size()};
    stream_.async_close({static_cast<websocket::close_code>(code), why}, [this](beast::error_code failure) {
      finish(failure ? failure : beast::error_code{websocket::error::closed});
    });
    run();
  }

  [[nodiscard]] const told_list& events() const noexcept { return events_; }
  [[nodiscard]] bool is_open() const noexcept { return is_open_ && !is_over_; }
  [[nodiscard]] bool is_over() const noexcept { return is_over_; }

private:
  // Beast gives a compressed message's end to its inflater twice if the buffer is full at that moment, and is out of step then. So
  // there is room for a whole one.
  static constexpr std::size_t spare_room = 4096;
  static constexpr std::size_t usual_room = std::size_t{16} << 10;

  void run() {
    context_.restart();
    context_.poll();
  }

  void require(const beast::error_code& failure) {
    if (failure)
      throw std::runtime_error{"Beast refuses: " + failure.message()};
    run();
  }

  void tell(told::event what, std::string_view payload) { events_.push_back({what, std::string{payload}}); }

  void read_on() {
    if (!buffer_)
      buffer_ = std::make_unique_for_overwrite<char[]>(room_);
    stream_.async_read_some(asio::buffer(buffer_.get(), room_), [this](beast::error_code failure, std::size_t size) {
      if (is_closing_) // the close operation reads on, and tells the end
        return;
      if (failure)
        return finish(failure);
      message_.append(buffer_.get(), size);
      if (stream_.is_message_done())
        tell(stream_.got_text() ? told::event::text : told::event::binary, std::exchange(message_, {}));
      read_on();
    });
  }

  void finish(const beast::error_code& failure) {
    is_over_ = true;
    if (failure == websocket::error::closed) {
      constexpr int no_status = 1005;
      const auto& reason = stream_.reason();
      events_.push_back({told::event::closed,
                         {reason.reason.data(), reason.reason.size()},
                         reason.code == websocket::close_code::none ? no_status : static_cast<int>(reason.code)});
    } else if (failure == asio::error::eof) {
      events_.push_back({told::event::lost});
    } else {
      events_.push_back(failure_of(failure));
    }
  }

  asio::io_context context_{1};
  beast::test::stream peer_{context_}; // the far end of the bytes
  websocket::stream<beast::test::stream> stream_{context_};
  std::size_t room_;
  std::unique_ptr<char[]> buffer_; // null until it is open
  std::string message_;            // of which parts have come
  told_list events_;
  bool is_open_ = false;
  bool is_closing_ = false; // from this side
  bool is_over_ = false;
};

beast_endpoint::beast_endpoint(role self, const beast_options& options) : stream_{std::make_unique<stream>(self, options)} {}

beast_endpoint::~beast_endpoint() = default;

void beast_endpoint::receive(std::string_view bytes) {
  stream_->receive(bytes);
}

void beast_endpoint::receive_end() {
  stream_->receive_end();
}

std::string beast_endpoint::take_written() {
  return stream_->take_written();
}

const told_list& beast_endpoint::events() const noexcept {
  return stream_->events();
}

bool beast_endpoint::is_open() const noexcept {
  return stream_->is_open();
}

bool beast_endpoint::is_over() const noexcept {
  return stream_->is_over();
}

void beast_endpoint::send(message_view message) {
  stream_->send_part(message, last_part::yes);
}

void beast_endpoint::send_part(message_view part, last_part last) {
  stream_->send_part(part, last);
}

void beast_endpoint::ping(std::string_view payload) {
  stream_->ping(payload);
}

void beast_endpoint::close(int code, std::string_view reason) {
  stream_->close(code, reason);
}

} // namespace harpia::test
