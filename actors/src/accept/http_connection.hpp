// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "accept/accept_context.hpp"
#include "accept/address_rules.hpp"
#include "connection/connection_limits.hpp"
#include "pages/response_writer.hpp"
#include "routes/exchange_state.hpp"

#include "http/request_reader.hpp"
#include "http/response.hpp"
#include "net/channel.hpp"
#include "net/event_loop.hpp"

#include <harpia/error.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace harpia::inline v0::detail {

/// An accepted socket that may send its request.
struct accepted_socket {
  net::channel socket;
  connection_slots slots = {};
  trusted_proxies trusted = nullptr; // not null: the request names the client, whose address then takes the slot
  counted_handshake counted = {};
};

/// Takes a slot of a client's address. With `trusted` the address is not known yet and the slot stays empty.
/// @return nothing if no slot is free; the refusal is counted
[[nodiscard]] std::optional<connection_slots>
take_slot(server_counts& counts, std::string_view address, const trusted_proxies& trusted = nullptr);

/// A socket that speaks HTTP: from its accept until it becomes a connection, or until it ends after its last page. It is no actor.
///
/// It serves one request after the other, in their order: the bytes of later ones wait in the reader or in the kernel.
class http_connection final : public net::background_task, private net::io_handler, private net::timer {
public:
  /// @param deadline for the first request and for the `upgrade` handlers' decision
  /// @throws std::system_error if the kernel cannot watch one more socket
  http_connection(accept_context& owner, accepted_socket accepted, net::event_loop::clock::time_point deadline);
  ~http_connection() override;

  [[nodiscard]] bool delays_stop() const noexcept override;

private:
  enum class phase : std::uint8_t {
    idle,      ///< a response was sent; nothing of a further request has come
    head,      ///< a request is being read
    agreed,    ///< the page that was asked for wants the body
    body,      ///< it is being read
    deciding,  ///< user code decides
    answering, ///< a response is being written
    ended,     ///< nothing is left to do: it is destroyed at the end of the event
  };
  using reader_state = http::request_reader::state;
  using time_point = net::event_loop::clock::time_point;

  void on_io(net::interest ready) override;
  void on_timer() override;

  template <class Function>
  void handle(Function event);
  void receive();
  void on_bytes(std::span<const std::byte> bytes);
  void take(reader_state read);
  void go_on();
  [[nodiscard]] bool begin_request();
  void decide();
  [[nodiscard]] bool identify_client();

  void admit(const websocket_route& route);
  void begin_upgrade(const websocket_route& route);
  void begin_page(const page_route& page, std::optional<http_response> instead);
  void pass_layers();
  [[nodiscard]] std::optional<error> run_layer(const middleware& layer);
  [[nodiscard]] bool await_decision();
  void on_decision(exchange_state::decision what);
  void run_target();
  void run_upgrade_handler();
  void run_page_handler();
  [[nodiscard]] reader_state begin_body();
  void become_connection();

  void answer(http_response response);
  void refuse(http_response response);
  void give(http_response response);
  void give_last(http_response response);
  void note_answer(int status, std::string_view body);
  void add_own_fields(http_response& response) const;
  void lose_client();
  void refuse_after(const error& failure);
  [[nodiscard]] std::string_view pattern() const noexcept;
  void log(log_level level, std::string_view event, std::string_view what, int status = 0) const noexcept;
  void report(const error& failure) const noexcept;
  void answer_with_file(file_answer given);
  void begin_stream(exchange_state::streamed given);
  void write_response();
  void check_stall();
  void end_answer();
  [[nodiscard]] bool may_persist_after(const http_response& response) const noexcept;
  [[nodiscard]] http::body_part body_wanted() const noexcept;
  void watch(net::interest wanted);
  void schedule(std::chrono::milliseconds time);
  void end() noexcept { phase_ = phase::ended; }

  accept_context* owner_;
  loop_context* context_;
  net::channel channel_;
  counted_handshake counted_;                // while it has a request
  counted<&server_counts::idle> idle_;       // while it has none
  counted<&server_counts::pages> undecided_; // while a page is to be answered later
  connection_slots slots_;                   // while it has a request
  const trusted_proxies trusted_;
  http::request_reader reader_;
  request request_;
  const websocket_route* route_ = nullptr; // either this
  const page_route* page_ = nullptr;       // or this
  std::optional<http_response> instead_;   // of the page's handler
  socket_ptr ws_{nullptr, {nullptr}};
  std::unique_ptr<connection_layers> layers_; // null if the route has none
  std::shared_ptr<exchange_state> exchange_;  // while user code decides
  response_writer writer_;
  std::size_t moved_ = 0;    // bytes of a request's body, since the timer was set
  std::size_t answered_ = 0; // requests
  net::interest watched_ = net::interest::readable;
  phase phase_ = phase::head;
  bool body_is_read_ = false;
  bool persists_ = false; // after the response that is being written
};

/// Gives a socket to `owner`, or closes it if the kernel cannot watch one more.
void serve_http(accept_context& owner, accepted_socket accepted, net::event_loop::clock::time_point deadline);

/// The limit that a refused socket exceeds.
enum class exceeded_limit : std::uint8_t { handshakes, address_slots };

/// Refuses a socket over a limit: 503 for handshakes, 429 for an address.
void refuse_connection(accept_context& owner, net::channel accepted, exceeded_limit why);

} // namespace harpia::inline v0::detail
