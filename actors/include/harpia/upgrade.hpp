// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>
#include <harpia/request.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace caf {
class event_based_actor;
}

namespace harpia {

namespace detail {
class upgrade_state;
}

template <class Data>
class deferred_upgrade;

/// Names and values that a middleware found out about a request, see `request::attribute`.
using attribute_list = std::vector<std::pair<std::string, std::string>>;

/// An upgrade that is to be answered later, for example once a database actor replied.
///
/// Copies share one answer: the first `accept` or `reject` counts. May be used from any thread. If the last copy goes without
/// an answer, the client gets 500; if none comes within the handshake timeout, 504.
class HARPIA_API deferred_upgrade_base {
public:
  /// Refuses with an HTTP status from 300 to 599 and a plain-text body.
  /// @throws std::invalid_argument for another status
  void reject(int status, std::string body = {}) const;

protected:
  explicit deferred_upgrade_base(std::shared_ptr<detail::upgrade_state> state);
  void accept_with(std::function<void()> prepare) const;

  struct pending_answer;
  std::shared_ptr<pending_answer> answer_; // shared by the copies
};

/// For a middleware, which does not know the connection's data.
template <>
class HARPIA_API deferred_upgrade<void> final : public deferred_upgrade_base {
public:
  /// Lets the request on to what decides next. `found` becomes attributes of the request.
  void accept(attribute_list found = {}) const;

private:
  friend class upgrade_base;
  explicit deferred_upgrade(std::shared_ptr<detail::upgrade_state> state) : deferred_upgrade_base{std::move(state)} {}
};

template <class Data>
class deferred_upgrade final : public deferred_upgrade_base {
public:
  /// Completes the handshake. `prepare`, if given, gets the connection's data first, on its event loop.
  void accept(std::function<void(Data&)> prepare = {}) const {
    if (prepare)
      accept_with([prepare = std::move(prepare), data = data_] { prepare(*data); });
    else
      accept_with({});
  }

private:
  template <class>
  friend class upgrade;
  deferred_upgrade(std::shared_ptr<detail::upgrade_state> state, Data* data)
      : deferred_upgrade_base{std::move(state)}, data_{data} {}

  Data* data_; // belongs to the handshake, which `accept_with` finds alive or not at all
};

/// What an `upgrade` handler decides on, whatever the data.
///
/// Valid until the handler returns; `defer` gives what may be kept. Without a call of `reject` or `defer` the upgrade is accepted.
class HARPIA_API upgrade_base {
public:
  upgrade_base(const upgrade_base&) = delete;
  upgrade_base& operator=(const upgrade_base&) = delete;

  [[nodiscard]] const harpia::request& request() const noexcept;
  /// The peer's address, as `socket_base::remote_address`.
  [[nodiscard]] std::string_view remote_address() const noexcept;

  /// Adds a field to the 101 response, or to the refusal.
  /// @throws std::invalid_argument if `name` is no token, `value` holds a line break, or the handshake itself sets the field
  void set_header(std::string_view name, std::string_view value);

  /// Chooses the subprotocol instead of the route's `subprotocols`.
  /// @throws std::invalid_argument if the client did not offer it (RFC 6455, 4.2.2)
  void subprotocol(std::string_view name);

  /// Refuses with an HTTP status from 300 to 599 and a plain-text body.
  /// @throws std::invalid_argument for another status
  void reject(int status, std::string body = {});

  /// Tells what comes after a middleware, and the connection's handlers, something about the request: `ws.request().attribute(name)`.
  void set_attribute(std::string name, std::string value);

  /// Promises an answer for later. What decides next is asked once it is there.
  [[nodiscard]] deferred_upgrade<void> defer();

  /// The router's actor on this event loop, to request from other actors: their replies run on this thread.
  [[nodiscard]] caf::event_based_actor& self() noexcept;

protected:
  explicit upgrade_base(std::shared_ptr<detail::upgrade_state> state) : state_{std::move(state)} {}
  ~upgrade_base() = default;
  std::shared_ptr<detail::upgrade_state> defer_answer();

private:
  std::shared_ptr<detail::upgrade_state> state_;
};

template <class Data>
class upgrade final : public upgrade_base {
public:
  upgrade(std::shared_ptr<detail::upgrade_state> state, Data& target) : upgrade_base{std::move(state)}, data{target} {}

  /// Becomes `ws.data`.
  Data& data;

  /// Promises an answer for later.
  [[nodiscard]] deferred_upgrade<Data> defer() { return {defer_answer(), &data}; }
};

/// For a middleware, which does not know the connection's data.
template <>
class upgrade<void> final : public upgrade_base {
public:
  explicit upgrade(std::shared_ptr<detail::upgrade_state> state) : upgrade_base{std::move(state)} {}
};

} // namespace harpia
