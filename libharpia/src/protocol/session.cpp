// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/protocol/session.hpp>

#include "corked_stream.hpp"

#include <boost/asio/associated_allocator.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/error.hpp>
#include <boost/beast/websocket/option.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <array>
#include <cassert>
#include <random>

// The one place where Beast's WebSocket stream is instantiated: it takes some twenty seconds to compile.

namespace harpia::protocol {

namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;

struct session_context::implementation {
  // Declared in the order of their use: services hold nothing of the pool.
  std::pmr::unsynchronized_pool_resource memory;
  boost::asio::io_context services{1};
  std::array<std::byte, std::size_t{64} << 10> scratch; // where an uncompressed message is put together if it comes in one piece
};

session_context::session_context() : implementation_{std::make_unique<implementation>()} {}
session_context::~session_context() = default;

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

// Beast looks at the first field of each name only, so it gets one of each. `check_upgrade` has seen to the others already.
http::request<http::empty_body> handshake_of(const request& opening) {
  http::request<http::empty_body> asked{http::verb::get, "/", 11};
  asked.set(http::field::upgrade, "websocket");
  asked.set(http::field::connection, "Upgrade");
  for (const auto* name : {"Host", "Sec-WebSocket-Key", "Sec-WebSocket-Version"})
    if (const auto value = opening.header(name))
      asked.set(name, beast::string_view{value->data(), value->size()});
  std::string extensions;
  for (const auto value : opening.header_all("Sec-WebSocket-Extensions"))
    extensions.append(extensions.empty() ? "" : ", ").append(value);
  if (!extensions.empty())
    asked.set(http::field::sec_websocket_extensions, extensions);
  return asked;
}

// The answer to a client's opening handshake as Beast is to see it: `check_response` has seen to its fields, and each is there once.
std::string answer_for_beast(const http_response& answer) {
  std::string head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: ";
  head.append(field_of(answer, "Sec-WebSocket-Accept")).append("\r\n");
  if (const auto extension = field_of(answer, "Sec-WebSocket-Extensions"); !extension.empty()) {
    head.append("Sec-WebSocket-Extensions: ").append(extension);
    // A client may do without context takeover unasked (RFC 7692, 7.1.1.2), and has to if the queue is to drop messages.
    constexpr std::string_view wanted = "client_no_context_takeover";
    if (extension.find(wanted) == std::string_view::npos)
      head.append("; ").append(wanted);
    head.append("\r\n");
  }
  return head.append("\r\n");
}

// A client's close frame without a reason (RFC 6455, 5.3 and 5.5.1).
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
  return make_error_code(code).message() + ": " + failure.message();
}

} // namespace

class session::engine {
public:
  engine(session_context::implementation& shared, outbound_queue& out, session_events& events, const route_options& options)
      : shared_{&shared}, events_{&events}, out_{&out}, cork_{shared.services, shared.memory, out}, stream_{cork_} {
    stream_.read_message_max(options.max_payload);
    stream_.auto_fragment(false);
    if (options.compression == compression::enabled) {
      websocket::permessage_deflate deflate;
      deflate.server_enable = true;
      deflate.client_enable = true;
      deflate.server_no_context_takeover = true;
      deflate.client_no_context_takeover = true;
      stream_.set_option(deflate);
      offers_compression_ = true;
    }
    stream_.control_callback([this](websocket::frame_type kind, beast::string_view payload) {
      if (kind == websocket::frame_type::ping)
        events_->on_ping(view(payload));
      else if (kind == websocket::frame_type::pong)
        events_->on_pong(view(payload));
    });
  }

  std::error_code accept(const request& opening, const header_fields& fields) {
    const auto asked = handshake_of(opening);
    stream_.set_option(websocket::stream_base::decorator([this, &fields](websocket::response_type& response) {
      for (const auto& [name, value] : fields)
        response.insert(name, value);
      if (response.count(http::field::server) == 0)
        response.set(http::field::server, "harpia"); // without one, Beast adds its own
      encoded_by_beast_ = response.count(http::field::sec_websocket_extensions) > 0;
    }));
    beast::error_code failure;
    stream_.accept(asked, failure);
    stream_.set_option(websocket::stream_base::decorator([](websocket::response_type&) {})); // forget `fields`
    if (failure)
      return failure;
    open(encoded_by_beast_ ? compression::enabled : compression::disabled);
    return {};
  }

  void connect(client_opening opening) {
    connecting_ = std::make_unique<connecting>(connecting{std::move(opening), {}});
    const auto& asked = connecting_->asked;
    stream_.set_option(websocket::stream_base::decorator([&asked](websocket::request_type& request) {
      for (const auto& [name, value] : asked.fields)
        request.insert(name, value);
      if (request.count(http::field::user_agent) == 0)
        request.set(http::field::user_agent, "harpia"); // without one, Beast adds its own
      std::string offered;
      for (const auto& name : asked.subprotocols)
        offered.append(offered.empty() ? "" : ", ").append(name);
      if (!offered.empty())
        request.set(http::field::sec_websocket_protocol, offered);
    }));
    stream_.async_handshake(asked.host, asked.target, completion<&engine::on_handshake>{this});
    stream_.set_option(websocket::stream_base::decorator([](websocket::request_type&) {})); // forget `asked`
    pump();
  }

  void receive(std::span<const std::byte> bytes) {
    if (ended_)
      return;
    if (connecting_)
      return take_response(bytes);
    if (paused_ || !kept_.empty()) {
      kept_.insert(kept_.end(), bytes.begin(), bytes.end());
      return feed_kept();
    }
    cork_.input = bytes;
    pump();
    keep_rest();
  }

  void receive_end(std::error_code reason) {
    if (ended_)
      return;
    resume(); // there is nothing to hold back any more
    if (ended_)
      return;
    cork_.ended = true;
    cork_.end_reason =
        reason ? beast::error_code{reason.value(), boost::system::system_category()} : beast::error_code{boost::asio::error::eof};
    pump();
  }

  send_status send(message_view message, message_options options) {
    if (state_ != ready_state::open)
      return send_status::closed;
    return encoded_by_beast_ ? send_by_beast(message, std::move(options)) : out_->push(message, std::move(options));
  }

  send_status send(const shared_frame& encoded, message_options options) {
    if (state_ != ready_state::open)
      return send_status::closed;
    return encoded_by_beast_ ? send_by_beast(encoded->message(), std::move(options)) : out_->push(encoded, std::move(options));
  }

  void pause() noexcept { paused_ = state_ == ready_state::open; }

  void resume() {
    paused_ = false;
    if (ended_)
      return;
    if (std::exchange(owes_read_, false) && state_ == ready_state::open)
      read_on();
    feed_kept();
  }

  [[nodiscard]] bool paused() const noexcept { return paused_; }

  send_status send_control(opcode code, std::string_view payload) {
    if (state_ != ready_state::open)
      return send_status::closed;
    if (!is_client_) {
      out_->push_control(code, payload);
      return send_status::sent;
    }
    beast::error_code failure;
    const websocket::ping_data data{payload.data(), payload.size()};
    code == opcode::ping ? stream_.ping(data, failure) : stream_.pong(data, failure);
    return failure ? send_status::closed : send_status::sent;
  }

  void close(close_code code, std::string_view reason) {
    if (state_ != ready_state::open)
      return;
    state_ = ready_state::closing;
    paused_ = false;
    remember(code, reason);
    closed_here_ = true;
    const beast::string_view why{reason.data(), reason.size()};
    stream_.async_close({static_cast<websocket::close_code>(code), why}, completion<&engine::on_closed>{this});
    pump();
    feed_kept();
  }

  void abort(const error* failure) {
    if (ended_)
      return;
    end(failure);
  }

  [[nodiscard]] ready_state state() const noexcept { return state_; }

private:
  using stream_type = websocket::stream<corked_stream, true>;

  // A client until its opening handshake is answered.
  struct connecting {
    client_opening asked;
    response_reader reader;
  };

  // A completion handler whose memory comes from the loop's pool.
  template <auto Member>
  struct completion {
    using allocator_type = std::pmr::polymorphic_allocator<>;
    [[nodiscard]] allocator_type get_allocator() const noexcept { return owner->cork_.memory; }

    template <class... Args>
    void operator()(Args... args) const {
      (owner->*Member)(args...);
    }

    engine* owner;
  };

  // Runs what Beast has queued and feeds it until it wants bytes that are not there. Calls from inside are no-ops: the outer goes on.
  void pump() {
    if (pumping_)
      return;
    pumping_ = true;
    while (!ended_ && !paused_) {
      if (!cork_.work.empty())
        cork_.work.run_one();
      else if (!cork_.feed())
        break;
    }
    pumping_ = false;
  }

  void keep_rest() {
    if (!ended_)
      kept_.assign(cork_.input.begin(), cork_.input.end());
    cork_.input = {};
  }

  // Goes on with what was kept while the session was paused. From inside of an event, what runs the event does.
  void feed_kept() {
    if (pumping_)
      return;
    if (kept_.empty())
      return pump();
    const auto bytes = std::exchange(kept_, {});
    cork_.input = bytes;
    pump();
    keep_rest();
  }

  void open(compression negotiated) {
    if (negotiated == compression::enabled)
      own_scratch_ = std::make_unique<std::array<std::byte, 4096>>();
    state_ = ready_state::open;
    cork_.speaks_frames = true;
    read_on();
  }

  void take_response(std::span<const std::byte> bytes) {
    auto& [asked, reader] = *connecting_;
    const auto state = reader.read(bytes);
    if (state == response_reader::state::incomplete)
      return;
    if (state == response_reader::state::failed) {
      const error malformed{errc::protocol_violation,
                            make_error_code(errc::protocol_violation).message() + ": " + reader.failure()};
      return end(&malformed);
    }
    const auto offered = offers_compression_ ? compression::enabled : compression::disabled;
    if (const auto refusal = check_response(reader.response(), asked, offered)) {
      if (refusal->code() == errc::handshake_refused)
        events_->on_response(reader.response());
      return abort(&*refusal);
    }
    const auto head = answer_for_beast(reader.response());
    cork_.input = std::as_bytes(std::span{head});
    pump();
    cork_.input = {};
    const auto done = std::exchange(connecting_, nullptr);
    receive(done->reader.rest());
  }

  void on_handshake(beast::error_code failure) {
    if (failure && cork_.ended) {
      const auto code = cork_.end_reason == boost::asio::error::eof ? errc::connection_lost : errc::read_failed;
      const error lost{code, describe(code, cork_.end_reason)};
      return end(&lost);
    }
    if (failure) {
      const error wrong{errc::protocol_violation, describe(errc::protocol_violation, failure)};
      return end(&wrong);
    }
    const auto& answer = connecting_->reader.response();
    is_client_ = true;
    encoded_by_beast_ = true;
    open(field_of(answer, "Sec-WebSocket-Extensions").empty() ? compression::disabled : compression::enabled);
    events_->on_response(answer);
  }

  std::span<std::byte> scratch() {
    // Inflating may leave half a piece in the buffer while it waits for input, so it cannot share the loop's.
    return own_scratch_ ? std::span<std::byte>{*own_scratch_} : std::span<std::byte>{shared_->scratch};
  }

  void read_on() {
    const auto target = scratch();
    stream_.async_read_some(boost::asio::mutable_buffer{target.data(), target.size()}, completion<&engine::on_read>{this});
  }

  void on_read(beast::error_code failure, std::size_t size) {
    if (failure) {
      // After `close`, Beast lets the close operation read on and cancels this one; `on_closed` tells the end then.
      if (!closed_here_)
        finish(failure);
      return;
    }
    const auto piece = scratch().first(size);
    if (!stream_.is_message_done()) {
      partial_.insert(partial_.end(), piece.begin(), piece.end());
    } else if (partial_.empty()) {
      deliver(piece);
    } else {
      partial_.insert(partial_.end(), piece.begin(), piece.end());
      const auto whole = std::exchange(partial_, {});
      deliver(whole);
    }
    if (ended_ || state_ != ready_state::open)
      return; // closing, Beast's close operation reads
    if (paused_)
      owes_read_ = true; // its completion would wait in a buffer that others use meanwhile
    else
      read_on();
  }

  void deliver(std::span<const std::byte> payload) {
    if (state_ == ready_state::open)
      events_->on_message({stream_.got_text() ? message_kind::text : message_kind::binary, payload});
  }

  void on_closed(beast::error_code failure) {
    // Beast reports a malformed close frame or a lost connection here; the frame that was sent stands all the same.
    (void)failure;
    end(nullptr);
  }

  void finish(const beast::error_code& failure) {
    if (failure == websocket::error::closed) {
      const auto& reason = stream_.reason();
      const auto code = reason.code == websocket::close_code::none ? close_code::no_status : close_code{reason.code};
      remember(code, {reason.reason.data(), reason.reason.size()});
      end(nullptr);
    } else if (cork_.ended && failure == cork_.end_reason) {
      const auto code = failure == boost::asio::error::eof ? errc::connection_lost : errc::read_failed;
      const error lost{code, describe(code, failure)};
      end(state_ == ready_state::open ? &lost : nullptr);
    } else if (failure.category() == beast::error_code{websocket::error::closed}.category()) {
      const auto [code, sent] = classify(failure);
      remember(sent, {});
      const error broken{code, describe(code, failure)};
      end(&broken);
    } else {
      fail_inflating(failure);
    }
  }

  // Beast gives up without a close frame when a compressed message cannot be inflated.
  void fail_inflating(const beast::error_code& failure) {
    if (state_ == ready_state::open) {
      constexpr auto code = static_cast<std::uint16_t>(close_code::invalid_payload);
      const std::array<char, 2> payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
      if (is_client_)
        out_->push_raw(masked_close(close_code::invalid_payload));
      else
        out_->push_control(opcode::close, {payload.data(), payload.size()});
      remember(close_code::invalid_payload, {});
    }
    const error broken{errc::protocol_violation, describe(errc::protocol_violation, failure)};
    end(&broken);
  }

  send_status send_by_beast(message_view message, message_options options) {
    std::string wire;
    cork_.capture = &wire;
    stream_.text(message.is_text());
    beast::error_code failure;
    stream_.write(boost::asio::const_buffer{message.bytes().data(), message.size()}, failure);
    cork_.capture = nullptr;
    return failure ? send_status::closed : out_->push_encoded(std::move(wire), std::move(options));
  }

  // The first close frame decides what `on_ended` says.
  void remember(close_code code, std::string_view reason) {
    if (code_ != close_code::abnormal)
      return;
    code_ = code;
    reason_ = reason;
  }

  void end(const error* failure) {
    ended_ = true;
    state_ = ready_state::closed;
    if (failure)
      events_->on_failed(*failure);
    events_->on_ended(code_, reason_);
  }

  session_context::implementation* shared_;
  session_events* events_;
  outbound_queue* out_;
  cork cork_;
  stream_type stream_;
  std::vector<std::byte> kept_;    // came while the session was paused; bounded by whoever calls receive
  std::vector<std::byte> partial_; // a message that came in several pieces so far; bounded by max_payload
  std::unique_ptr<std::array<std::byte, 4096>> own_scratch_;
  std::string reason_;
  close_code code_ = close_code::abnormal;
  std::unique_ptr<connecting> connecting_;
  ready_state state_ = ready_state::closing; // until it is open
  bool encoded_by_beast_ = false;            // messages that are compressed or masked
  bool is_client_ = false;
  bool offers_compression_ = false;
  bool closed_here_ = false;
  bool paused_ = false;
  bool owes_read_ = false; // when it goes on
  bool pumping_ = false;
  bool ended_ = false;
};

session::session(session_context& shared, outbound_queue& out, session_events& events, const route_options& options)
    : engine_{std::make_unique<engine>(*shared.implementation_, out, events, options)} {}
session::~session() = default;

std::error_code session::accept(const request& opening, const header_fields& fields) {
  return engine_->accept(opening, fields);
}
void session::connect(client_opening opening) {
  engine_->connect(std::move(opening));
}
void session::receive(std::span<const std::byte> bytes) {
  engine_->receive(bytes);
}
void session::receive_end(std::error_code reason) {
  engine_->receive_end(reason);
}
send_status session::send(message_view message, message_options options) {
  return engine_->send(message, std::move(options));
}
send_status session::send(const shared_frame& encoded, message_options options) {
  return engine_->send(encoded, std::move(options));
}
send_status session::send_control(opcode code, std::string_view payload) {
  return engine_->send_control(code, payload);
}
void session::close(close_code code, std::string_view reason) {
  engine_->close(code, reason);
}
void session::abort(const error* failure) {
  engine_->abort(failure);
}
void session::pause() noexcept {
  engine_->pause();
}
void session::resume() {
  engine_->resume();
}
bool session::paused() const noexcept {
  return engine_->paused();
}
ready_state session::state() const noexcept {
  return engine_->state();
}

} // namespace harpia::protocol
