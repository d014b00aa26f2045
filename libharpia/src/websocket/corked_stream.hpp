// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "websocket/outbound_queue.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/role.hpp>

#include <algorithm>
#include <cstddef>
#include <memory_resource>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace harpia::websocket {

/// A run of work that Asio would queue on an executor, kept per session, so that everything a session does happens inside the
/// call that caused it and a session that goes takes its own unfinished work along.
class deferred_work {
public:
  class operation {
  public:
    virtual void run() = 0;     // releases itself before it runs what it holds
    virtual void discard() = 0; // releases itself
    operation* next = nullptr;

  protected:
    ~operation() = default;
  };

  deferred_work() = default;
  deferred_work(const deferred_work&) = delete;
  ~deferred_work() {
    while (first_)
      pop()->discard();
  }

  void push(operation* work) noexcept {
    *last_ = work;
    last_ = &work->next;
  }
  [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }
  void run_one() { pop()->run(); }

private:
  operation* pop() noexcept {
    auto* work = first_;
    first_ = work->next;
    if (!first_)
      last_ = &first_;
    return work;
  }

  operation* first_ = nullptr;
  operation** last_ = &first_;
};

/// A function with the memory it lives in: both come from one memory resource and go back before the function runs, so that the
/// next operation can take the same place.
template <class Derived, class Base, class Function>
class pooled : public Base {
public:
  pooled(std::pmr::memory_resource& memory, Function&& function) : memory_{&memory}, function_{std::move(function)} {}

  static Derived* make(std::pmr::memory_resource& memory, Function function) {
    return new (memory.allocate(sizeof(Derived), alignof(Derived))) Derived{memory, std::move(function)};
  }

  void discard() override { (void)release(); }

protected:
  Function release() {
    auto function = std::move(function_);
    auto* memory = memory_;
    auto* self = static_cast<Derived*>(this);
    self->~Derived();
    memory->deallocate(self, sizeof(Derived), alignof(Derived));
    return function;
  }

private:
  std::pmr::memory_resource* memory_;
  Function function_;
};

/// What the executor and the stream of one session refer to.
struct cork {
  /// A read that Beast started and that waits for bytes.
  class reader {
  public:
    virtual void complete(boost::beast::error_code result, std::size_t size) = 0;
    virtual void discard() = 0;

  protected:
    ~reader() = default;
  };

  cork(boost::asio::io_context& for_services, std::pmr::memory_resource& for_operations)
      : services{&for_services}, memory{&for_operations} {}
  cork(const cork&) = delete;
  ~cork() {
    if (waiting)
      waiting->discard();
  }

  /// Completes the waiting read if there are bytes for it, or their end.
  /// @return whether it did
  bool feed() {
    if (!waiting || (input.empty() && !ended))
      return false;
    auto* read = std::exchange(waiting, nullptr);
    const auto size = std::min(input.size(), target.size());
    boost::asio::buffer_copy(target, boost::asio::buffer(input.data(), size));
    input = input.subspan(size);
    read->complete(size == 0 ? boost::beast::error_code{boost::asio::error::eof} : boost::beast::error_code{}, size);
    return true;
  }

  void write(std::string_view bytes) {
    constexpr int opcode_bits = 0x0F;
    if (capture)
      capture->append(bytes);
    else if (speaks_frames && !bytes.empty() && (bytes.front() & opcode_bits) == static_cast<int>(opcode::close))
      out->push_close(bytes);
    else
      out->push_raw(bytes);
  }

  boost::asio::io_context* services; // never run: Beast's stream wants a context to find its services in
  std::pmr::memory_resource* memory;
  outbound_queue* out = nullptr; // of the session that is worked for
  deferred_work work;
  bool speaks_frames = false;     // not HTTP any more
  std::string* capture = nullptr; // takes what Beast writes instead

  std::span<const std::byte> input; // borrowed for the duration of engine::receive
  bool ended = false;
  reader* waiting = nullptr;
  boost::asio::mutable_buffer target; // of the waiting read
};

/// Queues work on its session. Models Asio's executor, never blocking.
class cork_executor {
public:
  explicit cork_executor(cork& owner) noexcept : cork_{&owner} {}

  template <class Function>
  void execute(Function function) const {
    cork_->work.push(work<Function>::make(*cork_->memory, std::move(function)));
  }

  [[nodiscard]] boost::asio::execution_context& query(boost::asio::execution::context_t) const noexcept {
    return *cork_->services;
  }
  [[nodiscard]] static constexpr boost::asio::execution::blocking_t query(boost::asio::execution::blocking_t) noexcept {
    return boost::asio::execution::blocking.never;
  }

  friend bool operator==(const cork_executor&, const cork_executor&) noexcept = default;

private:
  template <class Function>
  struct work final : pooled<work<Function>, deferred_work::operation, Function> {
    using pooled<work<Function>, deferred_work::operation, Function>::pooled;
    void run() override { this->release()(); }
  };

  cork* cork_;
};

/// The layer below Beast's WebSocket stream. Reads complete from what `engine::receive` was given; writes are taken whole by the
/// outbound queue and complete at once, so that frames of Beast and of the session never mix.
class corked_stream {
public:
  using executor_type = cork_executor;

  explicit corked_stream(cork& owner) noexcept : cork_{&owner} {}
  corked_stream(corked_stream&&) noexcept = default;
  corked_stream& operator=(corked_stream&&) noexcept = default;

  [[nodiscard]] executor_type get_executor() const noexcept { return cork_executor{*cork_}; }

  template <class MutableBufferSequence>
  std::size_t read_some(const MutableBufferSequence&, boost::beast::error_code& result) {
    result = boost::asio::error::would_block; // Beast asks for it to be there, nobody calls it
    return 0;
  }
  template <class MutableBufferSequence>
  std::size_t read_some(const MutableBufferSequence&) {
    return 0;
  }

  template <class ConstBufferSequence>
  std::size_t write_some(const ConstBufferSequence& buffers, boost::beast::error_code& result) {
    result = {};
    return write_some(buffers);
  }
  template <class ConstBufferSequence>
  std::size_t write_some(const ConstBufferSequence& buffers) {
    std::size_t size = 0;
    for (auto i = boost::asio::buffer_sequence_begin(buffers); i != boost::asio::buffer_sequence_end(buffers); ++i) {
      const boost::asio::const_buffer part{*i};
      cork_->write({static_cast<const char*>(part.data()), part.size()});
      size += part.size();
    }
    return size;
  }

  template <class MutableBufferSequence, class Handler>
  auto async_read_some(const MutableBufferSequence& buffers, Handler&& handler) {
    return boost::asio::async_initiate<Handler, void(boost::beast::error_code, std::size_t)>(
        [owner = cork_, target = first_buffer(buffers)](auto&& complete) {
          using function = std::decay_t<decltype(complete)>;
          owner->target = target;
          owner->waiting = waiting_read<function>::make(*owner->memory, std::forward<decltype(complete)>(complete));
        },
        handler);
  }

  template <class ConstBufferSequence, class Handler>
  auto async_write_some(const ConstBufferSequence& buffers, Handler&& handler) {
    return boost::asio::async_initiate<Handler, void(boost::beast::error_code, std::size_t)>(
        [executor = get_executor(), size = write_some(buffers)](auto&& complete) {
          boost::asio::post(executor, boost::beast::bind_front_handler(
                                          std::forward<decltype(complete)>(complete), boost::beast::error_code{}, size));
        },
        handler);
  }

  // Beast would shut the socket down here. The session's owner does, once the queue is written.
  template <class Handler>
  friend void async_teardown(boost::beast::role_type, corked_stream& stream, Handler&& handler) {
    boost::asio::post(stream.get_executor(),
                      boost::beast::bind_front_handler(std::forward<Handler>(handler), boost::beast::error_code{}));
  }
  friend void teardown(boost::beast::role_type, corked_stream&, boost::beast::error_code& result) { result = {}; }
  friend void beast_close_socket(corked_stream&) {}

private:
  template <class Function>
  struct waiting_read final : pooled<waiting_read<Function>, cork::reader, Function> {
    using pooled<waiting_read<Function>, cork::reader, Function>::pooled;
    void complete(boost::beast::error_code result, std::size_t size) override { this->release()(result, size); }
  };

  // Beast reads into one contiguous piece of memory at a time; its sequences are that piece or begin with it.
  template <class MutableBufferSequence>
  static boost::asio::mutable_buffer first_buffer(const MutableBufferSequence& buffers) {
    for (auto i = boost::asio::buffer_sequence_begin(buffers); i != boost::asio::buffer_sequence_end(buffers); ++i)
      if (const boost::asio::mutable_buffer part{*i}; part.size() > 0)
        return part;
    return {};
  }

  cork* cork_;
};

} // namespace harpia::websocket
