// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/engine.hpp"

#include "websocket/corked_stream.hpp"
#include "websocket/frame_scanner.hpp"
#include "websocket/utf8.hpp"

#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/error.hpp>
#include <boost/beast/websocket/option.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <array>
#include <random>
#include <system_error>

// The one place where Beast's WebSocket stream is instantiated: it takes some twenty seconds to compile.

namespace harpia::websocket {

namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;

namespace {

std::string_view view(beast::string_view text) {
  return {text.data(), text.size()};
}

// Failures that Beast answered with a close frame, and the code it chose (RFC 6455, 7.4.1).
struct violation {
  errc code;
  close_code sent;
};

violation classify(const beast::error_code& failure) {
  if (failure == websocket::error::bad_frame_payload)
    return {errc::invalid_text, close_code::invalid_payload};
  if (failure == websocket::error::message_too_big)
    return {errc::message_too_big, close_code::message_too_big};
  return {errc::protocol_violation, close_code::protocol_error};
}

// The answer to a client's opening handshake as Beast is to see it: `check_response` has seen to its fields, and each is there once.
std::string answer_for_beast(const http_response& answer) {
  std::string head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: ";
  head.append(field_of(answer, "Sec-WebSocket-Accept")).append("\r\n\r\n");
  return head;
}

// A client's close frame without a reason (RFC 6455, 5.5.1 and 5.3).
std::string masked_close(close_code code) {
  const auto number = static_cast<unsigned>(code);
  const std::array<unsigned, 2> payload{number >> 8U, number & 0xFFU};
  const unsigned key = std::random_device{}();
  const std::array<unsigned, 4> mask{key >> 24U, key >> 16U & 0xFFU, key >> 8U & 0xFFU, key & 0xFFU};
  std::string frame{'\x88', '\x82'};
  for (const auto byte : mask)
    frame.push_back(static_cast<char>(byte));
  for (std::size_t i = 0; i < payload.size(); ++i)
    frame.push_back(static_cast<char>(payload[i] ^ mask[i]));
  return frame;
}

std::string describe(errc code, const beast::error_code& failure) {
  const auto what = make_error_code(code).message();
  return code == errc::invalid_text ? what : what + ": " + failure.message(); // of which Beast says the same
}

// What a server's engine pretends to have been asked (RFC 6455, 1.2): the session has answered its peer already.
http::request<http::empty_body> any_handshake() {
  http::request<http::empty_body> asked{http::verb::get, "/", 11};
  asked.set(http::field::upgrade, "websocket");
  asked.set(http::field::connection, "Upgrade");
  asked.set("Host", "localhost");
  asked.set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
  asked.set("Sec-WebSocket-Version", "13");
  return asked;
}

class beast_resources final : public engine_resources {
public:
  [[nodiscard]] std::unique_ptr<engine> make() override;

  // Declared in the order of their use: services hold nothing of the pool.
  std::pmr::unsynchronized_pool_resource memory;
  boost::asio::io_context services{1};
  std::array<std::byte, std::size_t{64} << 10> scratch; // where a message, or a part of one, is put together
};

class beast_engine final : public engine {
  // Bytes that are taken at once of a compressed message that is given in parts, so that no more than a mebibyte comes of them.
  static constexpr std::size_t most_deflated = 1024;

public:
  explicit beast_engine(beast_resources& shared) : shared_{&shared}, cork_{shared.services, shared.memory}, stream_{cork_} {
    stream_.auto_fragment(false);
    stream_.control_callback([this](websocket::frame_type kind, beast::string_view payload) {
      if (kind == websocket::frame_type::ping)
        events_->on_ping(view(payload));
      else if (kind == websocket::frame_type::pong)
        events_->on_pong(view(payload));
    });
  }

  void work_for(engine_events& owner, outbound_queue& out, const engine_task& task) override {
    events_ = &owner;
    cork_.out = &out;
    task_ = task;
    inflating_ = false;
    stream_.read_message_max(task.max_payload);
  }

  void open() override {
    std::string unsent;
    cork_.capture = &unsent;
    stream_.accept(any_handshake());
    cork_.capture = nullptr;
    opened();
  }

  void connect(const client_opening& opening) override {
    stream_.set_option(websocket::stream_base::decorator([&opening](websocket::request_type& request) {
      for (const auto& [name, value] : opening.fields)
        request.insert(name, value);
      if (request.count(http::field::user_agent) == 0)
        request.set(http::field::user_agent, "harpia"); // without one, Beast adds its own
      std::string offered;
      for (const auto& name : opening.subprotocols)
        offered.append(offered.empty() ? "" : ", ").append(name);
      if (!offered.empty())
        request.set(http::field::sec_websocket_protocol, offered);
    }));
    is_client_ = true;
    stream_.async_handshake(opening.host, opening.target, completion<&beast_engine::on_handshake>{this});
    stream_.set_option(websocket::stream_base::decorator([](websocket::request_type&) {})); // forget `opening`
    pump();
  }

  void connected(const http_response& answer) override {
    const auto head = answer_for_beast(answer);
    cork_.input = std::as_bytes(std::span{head});
    pump();
    cork_.input = {};
  }

  std::size_t receive(std::span<std::byte> bytes) override {
    if (scanner_.is_between_frames() && !bytes.empty())
      begin_frame(bytes.front());
    if (inflating_ && task_.given == messages::in_parts)
      bytes = bytes.first(std::min(bytes.size(), most_deflated));
    const auto size = scanner_.scan(bytes);
    cork_.input = bytes.first(size);
    if (!reading_ && !closing_)
      read_on();
    pump();
    cork_.input = {};
    return size;
  }

  void receive_end() override {
    cork_.ended = true;
    pump();
  }

  [[nodiscard]] bool is_idle() const noexcept override {
    return scanner_.is_between_messages() && cork_.work.empty() && !closing_ && !over_;
  }

  void close(close_code code, std::string_view reason) override {
    closing_ = true;
    const beast::string_view why{reason.data(), reason.size()};
    stream_.async_close({static_cast<websocket::close_code>(code), why}, completion<&beast_engine::on_closed>{this});
    pump();
  }

  void close_was_sent() override {
    std::string again;
    cork_.capture = &again;
    close(close_code::normal, {});
    cork_.capture = nullptr;
  }

  void refuse(close_code code, const error& wrong) override {
    if (closing_)
      return;
    cork_.out->push_close(is_client_ ? masked_close(code) : close_frame(code));
    over(code, {}, &wrong);
  }

  [[nodiscard]] std::optional<std::string> encode(message_view message) override {
    std::string wire;
    cork_.capture = &wire;
    stream_.text(message.is_text());
    beast::error_code failure;
    stream_.write(boost::asio::const_buffer{message.bytes().data(), message.size()}, failure);
    cork_.capture = nullptr;
    if (failure)
      return std::nullopt;
    return wire;
  }

  std::error_code send_control(opcode code, std::string_view payload) override {
    beast::error_code failure;
    const websocket::ping_data data{payload.data(), payload.size()};
    code == opcode::ping ? stream_.ping(data, failure) : stream_.pong(data, failure);
    return failure;
  }

private:
  using stream_type = websocket::stream<corked_stream, false>;

  // A completion handler whose memory comes from the loop's pool.
  template <auto Member>
  struct completion {
    using allocator_type = std::pmr::polymorphic_allocator<>;
    [[nodiscard]] allocator_type get_allocator() const noexcept { return owner->cork_.memory; }

    template <class... Args>
    void operator()(Args... args) const {
      (owner->*Member)(args...);
    }

    beast_engine* owner;
  };

  // Runs what Beast has queued and feeds it until it wants bytes that are not there. Calls from inside are no-ops: the outer goes on.
  void pump() {
    if (pumping_)
      return;
    pumping_ = true;
    while (!over_) {
      if (!cork_.work.empty())
        cork_.work.run_one();
      else if (!cork_.feed())
        break;
    }
    pumping_ = false;
  }

  void opened() { cork_.speaks_frames = true; }

  // Beast is not to know of compression: a message that is compressed becomes a binary one for it. What is wrong with RSV1 anywhere else
  // is left for Beast to see.
  void begin_frame(std::byte& first) {
    constexpr std::byte fin{0x80};
    constexpr std::byte reserved{0x70};
    constexpr std::byte rsv1{0x40};
    const auto code = std::to_integer<unsigned>(first & std::byte{0x0F});
    if (task_.deflates == deflate_agreed::no || !scanner_.is_between_messages() || (code != 1 && code != 2))
      return;
    inflating_ = (first & reserved) == rsv1;
    // What it may be inflated to counts, not what it is now.
    stream_.read_message_max(inflating_ ? 0 : task_.max_payload);
    if (!inflating_)
      return;
    kind_ = code == static_cast<unsigned>(opcode::text) ? message_kind::text : message_kind::binary;
    first = (first & fin) | static_cast<std::byte>(opcode::binary);
  }

  void on_handshake(beast::error_code failure) {
    if (failure) {
      const error wrong{errc::protocol_violation, describe(errc::protocol_violation, failure)};
      return over(close_code::abnormal, {}, &wrong);
    }
    opened();
    events_->on_connected();
  }

  void read_on() {
    reading_ = true;
    auto& target = shared_->scratch;
    stream_.async_read_some(boost::asio::mutable_buffer{target.data(), target.size()}, completion<&beast_engine::on_read>{this});
  }

  void on_read(beast::error_code failure, std::size_t size) {
    reading_ = false;
    if (failure) {
      // After `close`, Beast lets the close operation read on and cancels this one; `on_closed` tells the end then.
      if (!closing_)
        finish(failure);
      return;
    }
    const auto piece = std::span{shared_->scratch}.first(size);
    if (inflating_)
      return on_read_deflated(piece);
    if (task_.given == messages::in_parts)
      return on_read_part(piece);
    if (!stream_.is_message_done()) {
      partial_.insert(partial_.end(), piece.begin(), piece.end());
      if (!closing_)
        read_on();
    } else if (partial_.empty()) {
      deliver(piece);
    } else {
      partial_.insert(partial_.end(), piece.begin(), piece.end());
      const auto whole = std::exchange(partial_, {});
      // If the last frame is empty, Beast does not notice that the text ends within a character, and takes what follows for its rest.
      if (size == 0 && stream_.got_text() && !is_utf8(whole))
        refuse(close_code::invalid_payload, {errc::invalid_text, make_error_code(errc::invalid_text).message()});
      else
        deliver(whole);
    }
  }

  void on_read_deflated(std::span<const std::byte> piece) {
    const bool done = stream_.is_message_done();
    if (!closing_)
      events_->on_deflated({kind_, piece}, done ? last_part::yes : last_part::no);
    if (!done && !closing_ && !over_)
      read_on();
  }

  void on_read_part(std::span<const std::byte> piece) {
    const bool done = stream_.is_message_done();
    if (!closing_)
      events_->on_part({stream_.got_text() ? message_kind::text : message_kind::binary, piece},
                       done ? last_part::yes : last_part::no);
    if (!done && !closing_ && !over_)
      read_on();
  }

  void deliver(std::span<const std::byte> payload) {
    if (!closing_)
      events_->on_message({stream_.got_text() ? message_kind::text : message_kind::binary, payload});
  }

  void on_closed(beast::error_code failure) {
    // Beast reports a malformed close frame or a lost connection here; the frame that was sent stands all the same.
    (void)failure;
    over(close_code::abnormal, {}, nullptr);
  }

  void finish(const beast::error_code& failure) {
    if (failure == websocket::error::closed) {
      const auto& reason = stream_.reason();
      const auto code = reason.code == websocket::close_code::none ? close_code::no_status : close_code{reason.code};
      over(code, {reason.reason.data(), reason.reason.size()}, nullptr);
    } else {
      const auto [code, sent] = classify(failure);
      const error broken{code, describe(code, failure)};
      over(sent, {}, &broken);
    }
  }

  void over(close_code code, std::string_view reason, const error* failure) {
    over_ = true;
    events_->on_over(code, reason, failure);
  }

  beast_resources* shared_;
  engine_events* events_ = nullptr;
  cork cork_;
  stream_type stream_;
  frame_scanner scanner_;
  std::vector<std::byte> partial_; // a message that came in several pieces so far; bounded by task_.max_payload
  engine_task task_{};
  message_kind kind_ = message_kind::text; // of the compressed message that has begun
  bool inflating_ = false;                 // the message that has begun is compressed
  bool is_client_ = false;
  bool reading_ = false; // an operation of Beast's waits for bytes, or goes through those it got
  bool closing_ = false; // from this side
  bool pumping_ = false;
  bool over_ = false;
};

std::unique_ptr<engine> beast_resources::make() {
  return std::make_unique<beast_engine>(*this);
}

} // namespace

std::unique_ptr<engine_resources> make_engine_resources() {
  auto made = std::make_unique<beast_resources>();
  try {
    // The first timer opens descriptors. If there are none that must be told here, and not by Beast's first stream, which has a timer
    // that nobody starts: it would come in the middle of a connection, and leave the stream in a list of Beast's when it is gone.
    const boost::asio::steady_timer first{made->services};
  } catch (const boost::system::system_error& failure) {
    throw std::system_error{failure.code(), failure.what()};
  }
  return made;
}

} // namespace harpia::websocket
