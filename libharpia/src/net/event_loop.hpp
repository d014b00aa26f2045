// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/io_batch.hpp"
#include "net/timer_wheel.hpp"
#include "net/unique_fd.hpp"
#include <harpia/export.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

struct epoll_event;

namespace harpia::inline v0::net {

/// The events that a descriptor's owner wants. Errors and hang-ups are always reported, as `readable`.
enum class interest : std::uint8_t { none = 0, readable = 1, writable = 2, both = 3 };

[[nodiscard]] constexpr interest operator|(interest a, interest b) noexcept {
  return static_cast<interest>(static_cast<std::uint8_t>(a) | static_cast<std::uint8_t>(b));
}
[[nodiscard]] constexpr bool wants(interest all, interest one) noexcept {
  return (static_cast<std::uint8_t>(all) & static_cast<std::uint8_t>(one)) != 0;
}

/// Owner of a descriptor that a loop watches, level-triggered. Must be removed before it is destroyed.
class io_handler {
public:
  virtual void on_io(interest ready) = 0;

  /// The socket that the loop may read on the owner's behalf, in one batch with other sockets; -1 if there is none.
  [[nodiscard]] virtual int readable_socket() const noexcept { return -1; }
  /// Called instead of `on_io` if the loop has read the socket.
  /// @param target the buffer that was read into; the owner may use and modify it until it returns
  virtual void on_read(const io_result& result, std::span<std::byte> target) { (void)result, (void)target; }

protected:
  ~io_handler() = default;
};

/// Something that writes bytes at the end of a turn.
class flushable {
public:
  /// Called once at the end of a turn in which `event_loop::flush_later` was called.
  virtual void on_flush() = 0;

  /// Called before `on_flush`: adds the pending write to `batch`, which is shared with other flushables.
  /// @return whether something was added; then `on_written` follows, before anything else happens
  virtual bool add_to(io_batch& batch) {
    (void)batch;
    return false;
  }
  enum class still_to_do : bool { nothing, flush };
  /// Must not call `flush_later` for any other flushable. @return what is left to do: `on_flush` follows, unless it is nothing
  virtual still_to_do on_written(const io_result& result) {
    (void)result;
    return still_to_do::flush;
  }

protected:
  ~flushable() = default;

private:
  friend class event_loop;
  bool awaits_flush_ = false;
};

/// An object that a loop owns. It lives until it destroys itself with `event_loop::destroy`, but no longer than the loop.
class background_task {
public:
  background_task() = default;
  background_task(const background_task&) = delete;
  background_task& operator=(const background_task&) = delete;
  virtual ~background_task() = default;

  /// Whether a stopping loop keeps running for it, until the stop deadline.
  [[nodiscard]] virtual bool delays_stop() const noexcept { return false; }

private:
  friend class event_loop;
  background_task* next_ = nullptr;
  background_task* previous_ = nullptr;
};

/// Work for a loop: a function and its state. Two words; needs no allocation of its own.
struct task {
  enum class disposition : bool { discarded, run };
  void (*invoke)(void* state, disposition what); // runs or discards the work; releases `state` either way
  void* state;
};

/// One thread's event loop: an epoll set, a timer wheel and posted work.
///
/// A turn: wait; serve every ready descriptor; fire timers; run what was posted and flush every connection that has something to
/// write, in rounds until nothing is left; and wait again.
///
/// Thread safety: `post`, `stop` and `is_this_thread` from any thread; everything else from the loop's thread, or before `run`.
///
/// A loop can also be driven by hand: `turn` and `step` make the caller's thread the loop's thread until they return.
class event_loop {
public:
  using clock = timer_wheel::clock;
  static constexpr std::size_t read_buffer_size = std::size_t{512} << 10;
  /// Maximum number of sockets that one system call reads, each into its own part of the read buffer.
  static constexpr std::size_t read_together_size = 8;
  static constexpr std::size_t read_part_size = read_buffer_size / read_together_size;
  /// Number of ready sockets from which one io_uring submission beats a system call for each.
  static constexpr std::size_t worth_a_batch = 4;

  /// Maximum number of rounds in a turn before the sockets are served again.
  static constexpr int max_rounds = 64;

  /// @param start the value of `now` until the first turn
  explicit event_loop(clock::time_point start = clock::now());
  ~event_loop();
  event_loop(const event_loop&) = delete;
  event_loop& operator=(const event_loop&) = delete;

  /// Runs turns until `stop`. Work that was posted before `stop` runs before it returns.
  void run();
  /// Makes `run` return at the end of its turn. Until `stop_deadline`, a background task with `delays_stop` keeps it running.
  void stop(clock::time_point stop_deadline = clock::time_point::min());
  /// Discards posted work and destroys the background tasks, as the destructor does. For an owner that must first destroy objects they
  /// refer to. Not while the loop is in `run`, `turn` or `step`, and none of these may follow. Any thread may call it then.
  void clear() noexcept;
  /// Runs one turn at the time `now`: fires timers, then runs posted work and flushes, as `run` does. Polls no descriptor and does not
  /// wait. `now` must not go back. Not while the loop is in `run`, `turn` or `step`.
  HARPIA_KIT_API void turn(clock::time_point now);
  /// Runs the smallest part of a turn: fires timers, then runs the next work of a round, or flushes if that was the round's last.
  HARPIA_KIT_API void step(clock::time_point now);
  /// Whether posted work or a flush is pending. Call it between turns.
  [[nodiscard]] HARPIA_KIT_API bool has_work() const noexcept;

  /// Whether the calling thread is in `run`, `turn` or `step` of this loop.
  [[nodiscard]] bool is_this_thread() const noexcept {
    return thread_.load(std::memory_order_relaxed) == std::this_thread::get_id();
  }

  /// Runs `work` on the loop's thread, later. Work posted by one thread runs in the order of posting.
  HARPIA_KIT_API void post(task work);
  /// As above, for any callable; it is moved to the heap.
  template <class Function>
    requires(!std::is_same_v<std::decay_t<Function>, task>)
  void post(Function&& work) {
    using function = std::decay_t<Function>;
    post(task{[](void* state, task::disposition what) {
                std::unique_ptr<function> held{static_cast<function*>(state)};
                if (what == task::disposition::run)
                  (*held)();
              },
              new function(std::forward<Function>(work))});
  }

  /// Watches `descriptor` for its `owner`. @throws std::system_error if the kernel refuses
  void add(int descriptor, io_handler& owner, interest wanted);
  /// Changes the interest in a watched descriptor, and optionally its owner.
  void modify(int descriptor, io_handler& owner, interest wanted);
  /// Changes a watched descriptor's owner but not the interest. Makes no system call.
  void hand_over(int descriptor, io_handler& owner) noexcept { owner_of(descriptor) = &owner; }
  /// Stops watching. No event follows, not even one of this turn.
  void remove(int descriptor) noexcept;

  /// Calls `what.on_flush()` at the end of the turn.
  void flush_later(flushable& what) {
    if (what.awaits_flush_)
      return;
    dirty_.push_back(&what);
    what.awaits_flush_ = true; // now that there was memory for it
  }
  /// Flushes everything earlier: as soon as the sockets that were read in one batch have been served.
  void flush_soon() noexcept { flush_soon_ = true; }
  /// Cancels `flush_later`. Required before a flushable is destroyed.
  void forget(flushable& what) noexcept;

  /// Transfers ownership of a background task to the loop.
  template <class Task>
  Task& own(std::unique_ptr<Task> given) {
    auto& owned = *given.release();
    enlist(owned);
    return owned;
  }
  /// Destroys a background task. Its own functions may call this if they do not touch the object afterwards.
  void destroy(background_task& owned) noexcept;

  /// When the turn began; cheap.
  [[nodiscard]] clock::time_point now() const noexcept { return now_; }
  /// The time of the call: reads the clock, unless the loop is driven by hand; then it is `now`. Deadlines that user code starts count
  /// from here, since a handler may have run for long since the turn began.
  [[nodiscard]] clock::time_point current_time() const noexcept { return in_run_ ? clock::now() : now_; }
  [[nodiscard]] timer_wheel& timers() noexcept { return timers_; }
  /// A buffer for handlers to read into. Its content is the handler's until the handler returns.
  [[nodiscard]] std::span<std::byte> read_buffer() noexcept { return read_buffer_; }

private:
  // Owners by descriptor; the kernel assigns the lowest free number. In pages, so that growth moves no entries.
  static constexpr std::size_t owners_per_page = 512;
  using owner_page = std::array<io_handler*, owners_per_page>;

  [[nodiscard]] io_handler*& owner_of(int descriptor) noexcept {
    const auto index = static_cast<std::size_t>(descriptor);
    return (*owners_[index / owners_per_page])[index % owners_per_page];
  }
  void make_room_for_owner(int descriptor);
  void wait(std::span<epoll_event> ready);
  void serve(std::span<epoll_event> ready);
  [[nodiscard]] std::size_t read_together(std::span<epoll_event> ready);
  void serve_one(epoll_event& event);
  void finish_turn();
  void begin_round();
  void run_next();
  void run_posted();
  void flush();
  void write_together(std::size_t count);
  [[nodiscard]] int timeout() const;
  [[nodiscard]] bool is_over() const noexcept;
  bool take_posted();
  void enlist(background_task& owned) noexcept;

  unique_fd epoll_;
  unique_fd wake_up_; // an eventfd that other threads write to when the loop sleeps
  std::atomic<std::thread::id> thread_;
  bool in_run_ = false;
  clock::time_point now_;
  timer_wheel timers_{now_};
  std::vector<std::byte> read_buffer_;
  std::unique_ptr<io_batch> io_; // only in `run`, if the system permits io_uring

  background_task* background_tasks_ = nullptr; // owned
  std::vector<flushable*> dirty_;               // at most one entry for each connection
  bool flush_soon_ = false;
  std::span<epoll_event> batch_; // unserved events of this turn; descriptor -1 if it was removed
  std::vector<std::unique_ptr<owner_page>> owners_;
  std::vector<task> local_;   // posted by the loop's own thread, served every turn
  std::vector<task> running_; // work of this round
  std::size_t ran_ = 0;       // number of `running_` that ran

  std::mutex mutex_;
  std::vector<task> remote_; // guarded by mutex_: posted by other threads
  bool sleeping_ = false;    // guarded by mutex_
  std::atomic<bool> has_remote_ = false;
  std::atomic<bool> stopping_ = false;
  std::atomic<clock::time_point> stop_deadline_ = clock::time_point::min();
};

} // namespace harpia::inline v0::net
