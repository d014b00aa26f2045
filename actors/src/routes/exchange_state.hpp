// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "pages/body_stream.hpp"

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

namespace harpia::inline v0::detail {

/// State of a request, for an upgrade or a page, while user code decides on it. On the loop's thread, except `answer`, which is thread-safe.
class exchange_state : public std::enable_shared_from_this<exchange_state> {
public:
  struct accepted {
    std::function<void()> prepare; // fills the connection's data; may be empty
  };
  struct answered {
    http_response response;
  };
  /// A page's response whose body is still being written. If nobody takes the body, its writer learns that the client has gone.
  struct streamed {
    struct leave {
      void operator()(body_stream* left) const noexcept;
    };

    http_response head;
    std::shared_ptr<body_stream> body;
    std::unique_ptr<body_stream, leave> untaken{body.get()}; // released by whoever takes the body
  };
  using decision = std::variant<accepted, answered, streamed>;

  exchange_state(net::event_loop& loop, caf::event_based_actor& router, harpia::request& request)
      : began{loop.now()}, loop_{&loop}, router_{&router}, request_{&request} {}

  /// Called with a deferred answer, on the loop's thread. Empty if no answer is awaited.
  std::function<void(decision)> on_answer;

  [[nodiscard]] harpia::request& request() const noexcept { return *request_; }
  [[nodiscard]] caf::event_based_actor& router() const noexcept { return *router_; }

  std::vector<std::pair<std::string, std::string>> headers;
  std::string subprotocol;
  bool deferred = false;
  std::optional<answered> given; // by `reject` or `answer`
  std::vector<std::function<void(int status, std::chrono::milliseconds after)>> on_answered;
  const net::event_loop::clock::time_point began;

  /// Index, from 0, of the handler that decides. Answers of earlier handlers are recognized by it and ignored.
  std::size_t step = 0;

  /// Posts the deferred answer of a step to the loop. From any thread. Only the first answer counts, and none after `forget`.
  void answer(std::size_t of_step, decision what);

  /// The loop, unless the request is over.
  [[nodiscard]] net::event_loop* loop();

  /// The request is over: discards later answers.
  void forget();

private:
  std::mutex mutex_;
  net::event_loop* loop_; // guarded by mutex_; null after `forget`
  caf::event_based_actor* router_;
  harpia::request* request_; // owned by the connection; valid for user code only while a handler runs
};

/// What a handler has refused a request with. @throws std::invalid_argument unless `status` is from 300 to 599
[[nodiscard]] exchange_state::answered refusal_by_handler(int status, std::string body);
/// What a handler has answered a request with. @throws std::invalid_argument naming what is wrong with it
[[nodiscard]] exchange_state::answered checked_answer(http_response response);

/// The later answer of one handler, shared by the objects that may give it. The last one refuses the request if none did.
class pending_answer {
public:
  explicit pending_answer(std::shared_ptr<exchange_state> awaiting) : state{std::move(awaiting)}, step_{state->step} {}
  pending_answer(const pending_answer&) = delete;
  pending_answer& operator=(const pending_answer&) = delete;
  ~pending_answer();

  void submit(exchange_state::decision what) const { state->answer(step_, std::move(what)); }

  const std::shared_ptr<exchange_state> state;

private:
  std::size_t step_;
};

} // namespace harpia::inline v0::detail
