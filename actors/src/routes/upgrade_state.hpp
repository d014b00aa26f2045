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

/// An upgrade while user code decides on it. The loop's thread owns all of it but `answer`, which any thread may call.
class upgrade_state : public std::enable_shared_from_this<upgrade_state> {
public:
  struct accepted {
    std::function<void()> prepare; // fills the connection's data; may be empty
  };
  struct rejected {
    http_response response;
  };
  using decision = std::variant<accepted, rejected>;

  upgrade_state(net::event_loop& loop, caf::event_based_actor& router, harpia::request& asked, std::string_view remote_address)
      : loop_{&loop}, router_{&router}, asked_{&asked}, remote_address_{remote_address} {}

  /// Who is told what a deferred answer was, on the loop's thread; null once it is gone.
  std::function<void(decision)> on_answer;

  [[nodiscard]] harpia::request& asked() const noexcept { return *asked_; }
  [[nodiscard]] std::string_view remote_address() const noexcept { return remote_address_; }
  [[nodiscard]] caf::event_based_actor& router() const noexcept { return *router_; }

  std::vector<std::pair<std::string, std::string>> headers;
  std::string subprotocol;
  bool deferred = false;
  std::optional<rejected> rejection; // what `reject` said, unless the answer was deferred

  /// Who decides, counted from 0, so that late answers of those who decided before are known as such.
  std::size_t step = 0;

  /// Brings the deferred answer of `step` to the loop. From any thread; the first counts, and none does after `forget`.
  void answer(std::size_t of_step, decision what);

  /// The handshake is over.
  void forget();

private:
  std::mutex mutex_;
  net::event_loop* loop_; // guarded by mutex_: null once nobody waits for an answer
  caf::event_based_actor* router_;
  harpia::request* asked_; // belongs to the handshake; user code sees it while a handler runs only
  std::string_view remote_address_;
};

} // namespace harpia::detail
