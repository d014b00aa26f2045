// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>
#include <harpia/http.hpp>
#include <harpia/request.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace caf {
class event_based_actor;
}

namespace harpia::inline v0 {

namespace detail {
struct access;
class endpoint;
class exchange_state;
class pending_answer;
} // namespace detail

template <class Data>
class deferred_upgrade;

/// Names and values that a middleware attaches to a request, see `request::attribute`.
using attribute_list = std::vector<std::pair<std::string, std::string>>;

/// An upgrade, or a request for a page, that is answered later, for example after a database actor has responded.
///
/// Copies share one answer: the first `accept`, `reject` or `answer` counts. If the last copy is destroyed without an answer, the client
/// gets 500. If there is no answer within the handshake timeout, it gets 504.
///
/// *Thread safety* May be copied and used on any thread.
class HARPIA_API deferred_upgrade_base {
public:
  /// Refuses the request with a plain-text body.
  /// @param status an HTTP status from 300 to 599
  ///
  /// *Errors* Throws `std::invalid_argument` for another status.
  void reject(int status, std::string body = {}) const;
  /// Answers in place of what is further in, as `http_exchange::answer`.
  void answer(http_response response) const;

protected:
  explicit deferred_upgrade_base(std::shared_ptr<detail::exchange_state> state);
  void accept_with(std::function<void()> prepare) const;

  std::shared_ptr<detail::pending_answer> answer_; ///< shared by the copies
};

/// The deferred upgrade of a middleware, which does not know the connection's data.
template <>
class HARPIA_API deferred_upgrade<void> final : public deferred_upgrade_base {
public:
  /// Passes the request on to the next middleware or the route.
  /// @param found is added to the attributes of the request
  void accept(attribute_list found = {}) const;

private:
  friend class http_exchange;
  explicit deferred_upgrade(std::shared_ptr<detail::exchange_state> state) : deferred_upgrade_base{std::move(state)} {}
};

/// The deferred upgrade of a route's `upgrade` handler.
template <class Data>
class deferred_upgrade final : public deferred_upgrade_base {
public:
  /// Completes the handshake.
  /// @param prepare receives the connection's data before that, on its event loop; may be empty
  void accept(std::function<void(Data&)> prepare = {}) const {
    if (prepare)
      accept_with([prepare = std::move(prepare), data = data_] { prepare(*data); });
    else
      accept_with({});
  }

private:
  template <class>
  friend class upgrade;
  deferred_upgrade(std::shared_ptr<detail::exchange_state> state, Data* data)
      : deferred_upgrade_base{std::move(state)}, data_{data} {}

  Data* data_; // owned by the handshake; `accept_with` runs its function only while that exists
};

/// A request that middleware lets pass or answers. Without a call of `reject`, `answer` or `defer` it passes.
///
/// *Lifetimes* Valid until the handler returns. `defer` returns an object that may be stored.
class HARPIA_API http_exchange {
public:
  http_exchange(const http_exchange&) = delete;
  http_exchange& operator=(const http_exchange&) = delete;

  [[nodiscard]] const harpia::request& request() const noexcept;
  /// The client's address, as `request::remote_address`.
  [[nodiscard]] std::string_view remote_address() const noexcept;

  /// Adds a header field to the response, whatever it will be: the 101, a page or a refusal.
  ///
  /// *Errors* Throws `std::invalid_argument` if `name` is not a token, if `value` contains a control character, or if the
  /// connection itself sets the field.
  void set_header(std::string_view name, std::string_view value);

  /// Registers a function that is called once when the response has been decided on: a page's, or a refusal's. It is not called for an
  /// upgrade that is accepted. It gets the status, and the time since the head of the request was read. It runs on the event loop and must
  /// not block; what it throws is logged.
  void on_answered(std::function<void(int status, std::chrono::milliseconds after)> function);

  /// Refuses the request with a plain-text body.
  /// @param status an HTTP status from 300 to 599
  ///
  /// *Errors* Throws `std::invalid_argument` for another status.
  void reject(int status, std::string body = {});

  /// Answers the request in place of what is further in.
  ///
  /// *Errors* Throws `std::invalid_argument` naming what is wrong with the response.
  void answer(http_response response);

  /// Sets an attribute of the request, for inner middleware and the handlers of connections and pages: `request.attribute(name)`.
  void set_attribute(std::string name, std::string value);

  /// Defers the answer. The next middleware or the route receives the request after `accept`.
  [[nodiscard]] deferred_upgrade<void> defer();

  /// The router actor of this event loop, for requests to other actors. Their responses are handled on this thread.
  [[nodiscard]] caf::event_based_actor& self() noexcept;

protected:
  explicit http_exchange(std::shared_ptr<detail::exchange_state> state) : state_{std::move(state)} {}
  ~http_exchange() = default;
  std::shared_ptr<detail::exchange_state> defer_answer();
  [[nodiscard]] detail::exchange_state& state() const noexcept { return *state_; }

private:
  std::shared_ptr<detail::exchange_state> state_;
};

/// A request for a page, for middleware.
class page_request final : public http_exchange {
  friend struct detail::access;

  explicit page_request(std::shared_ptr<detail::exchange_state> state) : http_exchange{std::move(state)} {}
};

/// A request for an upgrade, as the `upgrade` functions of middleware and routes receive it.
class HARPIA_API upgrade_base : public http_exchange {
public:
  /// Chooses the subprotocol, in place of the route's `subprotocols`.
  ///
  /// *Errors* Throws `std::invalid_argument` if the client did not offer it.
  ///
  /// *Source* RFC 6455, 4.2.2.
  void subprotocol(std::string_view name);

protected:
  explicit upgrade_base(std::shared_ptr<detail::exchange_state> state) : http_exchange{std::move(state)} {}
  ~upgrade_base() = default;
};

/// A request for an upgrade, with the data of the connection to be.
template <class Data>
class upgrade final : public upgrade_base {
public:
  /// The later `ws.data`.
  Data& data;

  /// Defers the answer.
  [[nodiscard]] deferred_upgrade<Data> defer() { return {defer_answer(), &data}; }

private:
  friend class detail::endpoint;

  upgrade(std::shared_ptr<detail::exchange_state> state, Data& target) : upgrade_base{std::move(state)}, data{target} {}
};

/// A request for an upgrade, for middleware, which does not know the connection's data.
template <>
class upgrade<void> final : public upgrade_base {
  friend struct detail::access;

  explicit upgrade(std::shared_ptr<detail::exchange_state> state) : upgrade_base{std::move(state)} {}
};

} // namespace harpia::inline v0
