// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/event_loop.hpp"
#include <harpia/http.hpp>
#include <harpia/request.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace caf {
class event_based_actor;
}

namespace harpia::detail {

/// State of an upgrade while user code decides on it. On the loop's thread, except `answer`, which is thread-safe.
class upgrade_state : public std::enable_shared_from_this<upgrade_state> {
public:
  struct accepted {
    std::function<void()> prepare; // fills the connection's data; may be empty
  };
  struct rejected {
    http_response response;
  };
  using decision = std::variant<accepted, rejected>;

  upgrade_state(net::event_loop& loop, caf::event_based_actor& router, harpia::request& request, std::string_view remote_address)
      : loop_{&loop}, router_{&router}, request_{&request}, remote_address_{remote_address} {}

  /// Called with a deferred answer, on the loop's thread. Empty if no answer is awaited.
  std::function<void(decision)> on_answer;

  [[nodiscard]] harpia::request& request() const noexcept { return *request_; }
  [[nodiscard]] std::string_view remote_address() const noexcept { return remote_address_; }
  [[nodiscard]] caf::event_based_actor& router() const noexcept { return *router_; }

  std::vector<std::pair<std::string, std::string>> headers;
  std::string subprotocol;
  bool deferred = false;
  std::optional<rejected> rejection; // set by `reject`, unless the answer was deferred

  /// Index, from 0, of the handler that decides. Answers of earlier handlers are recognized by it and ignored.
  std::size_t step = 0;

  /// Posts the deferred answer of a step to the loop. From any thread. Only the first answer counts, and none after `forget`.
  void answer(std::size_t of_step, decision what);

  /// The handshake is over: discards later answers.
  void forget();

private:
  std::mutex mutex_;
  net::event_loop* loop_; // guarded by mutex_; null after `forget`
  caf::event_based_actor* router_;
  harpia::request* request_; // owned by the handshake; valid for user code only while a handler runs
  std::string_view remote_address_;
};

} // namespace harpia::detail
