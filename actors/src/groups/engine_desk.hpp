// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "log/logger.hpp"

#include "fleet/engine_maker.hpp"
#include "fleet/shared_groups.hpp"
#include "net/event_loop.hpp"
#include "net/timer_wheel.hpp"
#include <harpia/engine.hpp>
#include <harpia/publish_options.hpp>
#include <harpia/statistics.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace harpia::inline v0::detail {

class group_home;

/// The shared groups of an app, as a node of a fleet: between the threads that publish, the engine, and the members here.
///
/// It works on a loop of its own, where `fleet::shared_groups` does the hard part.
///
/// *Thread safety* `publish`, `changed`, `shares`, `state` and `copy_to` from any thread; the others as they say.
class engine_desk final
    : public std::enable_shared_from_this<engine_desk>,
      private fleet::shared_groups_events,
      private net::timer {
public:
  using receipt_callback = decltype(publish_options::on_receipt);

  /// @throws std::invalid_argument naming the option that is out of range
  engine_desk(std::shared_ptr<fleet::engine_maker> maker, engine_options options, std::shared_ptr<const logger> log);
  ~engine_desk() override;
  engine_desk(const engine_desk&) = delete;
  engine_desk& operator=(const engine_desk&) = delete;

  enum class clock : bool { steady, of_loop };
  /// Connects to the engine. Before, nothing is published. Before the loop's thread runs, or on it.
  /// @param loop outlives the call of `end`
  /// @param time that of the loop if no thread runs it
  void start(net::event_loop& loop, clock time);
  /// Gives up what is not answered; nothing is published from now on. When no thread runs the loop any more.
  void end();
  /// From now on runs no functions of the program. Likewise.
  void mute() noexcept { muted_ = true; }

  /// Whether groups of that name are shared.
  [[nodiscard]] bool shares(std::string_view name) const noexcept;
  [[nodiscard]] engine_state state() const noexcept { return state_.load(); }
  void copy_to(app_statistics& all) const;

  /// Hands a message to the engine.
  /// @param except number of an actor whose connection does not get the message; 0: none
  /// @param done is called once, unless the answer is `refused`
  publish_status publish(const std::string& group, fleet::shared_content what, std::uint64_t except, receipt_callback done);
  /// A group may have got its first member here, or lost its last.
  void changed(const std::shared_ptr<group_home>& group);

private:
  class settling;

  /// A message of this node, until its receipt is complete: the engine has answered, and the members here have it if they get it.
  struct own_message {
    std::string group;
    std::size_t size;
    std::uint64_t except;
    receipt_callback done;
    std::optional<fleet::published> answer = std::nullopt;
    std::optional<receipt> delivered = std::nullopt;
    bool delivering = false;
  };
  struct waiting {
    std::uint64_t ticket;
    std::string group;
    fleet::shared_content what;
  };
  using own_messages = std::map<std::uint64_t, own_message>;

  void on_engine(fleet::link_state state) override;
  void on_stand(std::string_view, const fleet::bookmark&) override {}
  void on_message(std::string_view group, const fleet::stored_message& message, std::uint64_t ticket) override;
  void on_reset(std::string_view group, reset_reason reason, const fleet::bookmark& where) override;
  void on_published(const fleet::published& result) override;
  void on_timer() override;

  [[nodiscard]] fleet::time_point now() const noexcept;
  void wake();
  void work();
  void update(const std::shared_ptr<group_home>& group);
  void set_timer();
  [[nodiscard]] own_messages::iterator
  find_own(std::string_view group, const fleet::stored_message& message, std::uint64_t ticket);
  void delivered(std::uint64_t ticket, const receipt& sum);
  void finish(own_messages::iterator which);
  void finish_all_of(std::string_view group);
  template <class Function>
  void call(std::string_view what, Function function) const noexcept;

  const std::shared_ptr<fleet::engine_maker> maker_;
  const engine_options options_;
  const std::shared_ptr<const logger> log_;
  std::atomic<engine_state> state_ = engine_state::away;
  std::atomic<bool> awake_ = false; // `work` is posted

  net::event_loop* loop_ = nullptr; // set by `start`, before `can_publish_`
  clock clock_ = clock::steady;     // likewise

  // Of the loop's thread.
  std::unique_ptr<fleet::engine> engine_;
  std::unique_ptr<fleet::shared_groups> groups_;
  std::map<std::string, std::shared_ptr<group_home>, std::less<>> members_; // the groups with members here
  own_messages own_;                                                        // by ticket; bounded as `waiting_`
  std::uint64_t incarnation_ = 0;
  bool muted_ = false;

  mutable std::mutex mutex_;                             // guards the members below
  std::vector<std::pair<own_message, waiting>> waiting_; // for the loop; bounded by `pending_` and `pending_bytes_`
  std::size_t pending_ = 0;                              // accepted and not answered, at most max_pending
  std::size_t pending_bytes_ = 0;                        // theirs, at most max_pending_bytes
  std::uint64_t last_ticket_ = 0;
  bool can_publish_ = false;

  std::atomic<std::uint64_t> resets_ = 0;
  std::atomic<std::uint64_t> synchronisations_ = 0;
  std::atomic<std::uint64_t> filled_ = 0;
};

} // namespace harpia::inline v0::detail
