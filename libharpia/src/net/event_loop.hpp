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

namespace harpia::net {

/// What a descriptor's owner wants to hear of. Errors and hang-ups are told in either case, as `readable`.
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

  /// A socket that the loop may read for its owner, together with others; -1 if there is none.
  [[nodiscard]] virtual int readable_socket() const noexcept { return -1; }
  /// Instead of `on_io`, if the loop has read it.
  /// @param target what was read into, the owner's until it returns
  virtual void on_read(const io_result& result, std::span<std::byte> target) { (void)result, (void)target; }

protected:
  ~io_handler() = default;
};

/// Something with bytes to write once the turn is over.
class flushable {
public:
  /// Called once at the end of a turn in which `event_loop::flush_later` was called.
  virtual void on_flush() = 0;

  /// Before that: adds what is to be written to `batch`, together with what others have to write.
  /// @return whether something was added; then `on_written` follows, before anything else happens
  virtual bool add_to(io_batch& batch) {
    (void)batch;
    return false;
  }
  virtual void on_written(const io_result& result) { (void)result; }

protected:
  ~flushable() = default;

private:
  friend class event_loop;
  bool awaits_flush_ = false;
};

/// Something that lives on a loop for as long as its own business takes, and no longer than the loop.
class background_task {
public:
  background_task() = default;
  background_task(const background_task&) = delete;
  background_task& operator=(const background_task&) = delete;
  virtual ~background_task() = default;

  /// Whether a loop that was told to stop is to give it time all the same.
  [[nodiscard]] virtual bool delays_stop() const noexcept { return false; }

private:
  friend class event_loop;
  background_task* next_ = nullptr;
  background_task* previous_ = nullptr;
};

/// A piece of work for a loop: a function and its state, two words that need no allocation of their own.
struct task {
  enum class disposition : bool { discarded, run };
  void (*invoke)(void* state, disposition what); // runs the state or not, and releases it
  void* state;
};

/// One thread's event loop: an epoll set, a timer wheel and posted work.
///
/// A turn: wait; serve every ready descriptor; fire timers; run what was posted and flush every connection that has something to
/// write, in rounds until nothing is left; and wait again.
///
/// Thread safety: `post`, `stop` and `is_this_thread` from any thread; everything else from the loop's thread, or before `run`.
///
/// Without a thread a loop can be driven by hand: `turn` and `step` make the caller's thread the loop's for as long as they take.
class event_loop {
public:
  using clock = timer_wheel::clock;
  static constexpr std::size_t read_buffer_size = std::size_t{512} << 10;
  /// So many sockets are read by one system call, each into its part of that buffer.
  static constexpr std::size_t read_together_size = 8;
  /// From so many on it is worth it.
  static constexpr std::size_t worth_a_batch = 4;

  /// How many rounds a turn has at most before the sockets are served again.
  static constexpr int max_rounds = 64;

  /// @param start what `now` says until the first turn
  explicit event_loop(clock::time_point start = clock::now());
  ~event_loop();
  event_loop(const event_loop&) = delete;
  event_loop& operator=(const event_loop&) = delete;

  /// Serves until `stop`. What was posted before runs before it returns.
  void run();
  /// Makes `run` return at the end of its turn; until `stop_deadline` not while a background task holds it up.
  void stop(clock::time_point stop_deadline = clock::time_point::min());
  /// Discards what was posted and destroys the background tasks, as the destructor does: for an owner with parts that they refer to and
  /// that go first. Not while the loop is in `run`, `turn` or `step`, and none of them after it. From any thread then.
  void clear() noexcept;
  /// A turn by hand, at `now`: fires timers, then runs what was posted and flushes, as `run` does, but looks at no descriptor and does
  /// not wait. `now` must not go back. Not while the loop is in `run`, `turn` or `step`.
  HARPIA_KIT_API void turn(clock::time_point now);
  /// The least of a turn: fires timers, then runs the next piece of work of a round, or flushes if that was the round's last.
  HARPIA_KIT_API void step(clock::time_point now);
  /// Whether a turn would find something posted or to be flushed. Between turns.
  [[nodiscard]] HARPIA_KIT_API bool has_work() const noexcept;

  /// Whether the caller is the thread that is in `run`, `turn` or `step`.
  [[nodiscard]] bool is_this_thread() const noexcept {
    return thread_.load(std::memory_order_relaxed) == std::this_thread::get_id();
  }

  /// Runs `work` on the loop's thread, later. Work that was posted by one thread runs in its order.
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
  /// Changes what a watched descriptor's owner wants to hear of, and perhaps its owner.
  void modify(int descriptor, io_handler& owner, interest wanted);
  /// Changes a watched descriptor's owner, and not what is heard of it. Without a system call.
  void hand_over(int descriptor, io_handler& owner) noexcept { owner_of(descriptor) = &owner; }
  /// Stops watching; no event comes any more, not even of this turn.
  void remove(int descriptor) noexcept;

  /// Has `what` flushed at the end of the turn.
  void flush_later(flushable& what);
  /// Has everything flushed earlier: as soon as the sockets that were read together have been served.
  void flush_soon() noexcept { flush_soon_ = true; }
  /// Takes that back; needed before a flushable is destroyed.
  void forget(flushable& what) noexcept;

  /// Gives a background task to the loop.
  template <class Task>
  Task& own(std::unique_ptr<Task> given) {
    auto& owned = *given.release();
    enlist(owned);
    return owned;
  }
  /// Destroys a background task, from inside its own functions if it touches nothing of itself afterwards.
  void destroy(background_task& owned) noexcept;

  /// When the turn began; cheap.
  [[nodiscard]] clock::time_point now() const noexcept { return now_; }
  [[nodiscard]] timer_wheel& timers() noexcept { return timers_; }
  /// Where a handler reads into; its content is the handler's until it returns.
  [[nodiscard]] std::span<std::byte> read_buffer() noexcept { return read_buffer_; }

private:
  // Owners by descriptor, which the kernel keeps small. In pages, so that a crowd does not have them moved.
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
  clock::time_point now_;
  timer_wheel timers_{now_};
  std::vector<std::byte> read_buffer_;
  std::unique_ptr<io_batch> io_; // while in `run`, if the system lets us

  background_task* background_tasks_ = nullptr; // owned
  std::vector<flushable*> dirty_;               // at most one entry for each connection
  bool flush_soon_ = false;
  std::span<epoll_event> batch_; // events of this turn that were not served yet; those of removed descriptors have -1
  std::vector<std::unique_ptr<owner_page>> owners_;
  std::vector<task> local_;   // posted by the loop's own thread, served every turn
  std::vector<task> running_; // of this round
  std::size_t ran_ = 0;       // of these

  std::mutex mutex_;
  std::vector<task> remote_; // guarded by mutex_: posted by other threads
  bool sleeping_ = false;    // guarded by mutex_
  std::atomic<bool> has_remote_ = false;
  std::atomic<bool> stopping_ = false;
  std::atomic<clock::time_point> stop_deadline_ = clock::time_point::min();
};

} // namespace harpia::net
