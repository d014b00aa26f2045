// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "net/resolver.hpp"

#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace harpia::inline v0::net {

namespace {

/// The names that are asked for, and the threads that ask. A thread ends when no name is left.
class resolver {
public:
  using function = std::function<void(const resolve_result&)>;
  using name = std::pair<std::string, std::uint16_t>;

  void add(name asked, function done) {
    std::unique_lock lock{mutex_};
    const auto [question, is_new] = questions_.try_emplace(asked);
    question->second.push_back(std::move(done));
    if (!is_new)
      return;
    waiting_.push_back(std::move(asked));
    if (threads_ == max_resolver_threads)
      return;
    try {
      std::thread{[this] { run(); }}.detach();
      ++threads_;
    } catch (const std::system_error& refused) {
      if (threads_ > 0)
        return; // those that there are will ask
      const auto unanswered = questions_.extract(waiting_.back());
      waiting_.pop_back();
      lock.unlock();
      for (const auto& each : unanswered.mapped())
        each(refused.code());
    }
  }

private:
  void run() {
    std::unique_lock lock{mutex_};
    while (!waiting_.empty()) {
      const auto asked = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      const auto found = answer(asked);
      lock.lock();
      const auto question = questions_.extract(asked);
      lock.unlock();
      for (const auto& done : question.mapped())
        done(found);
      lock.lock();
    }
    --threads_;
  }

  static resolve_result answer(const name& asked) noexcept {
    try {
      return resolve(asked.first, asked.second, host_kind::name_or_address);
    } catch (const std::exception&) {
      return std::make_error_code(std::errc::not_enough_memory);
    }
  }

  std::mutex mutex_; // guards what follows
  std::map<name, std::vector<function>> questions_;
  std::deque<name> waiting_; // those that no thread has taken yet
  unsigned threads_ = 0;
};

} // namespace

void resolve_later(std::string host, std::uint16_t port, std::function<void(const resolve_result&)> done) {
  static auto* const shared = new resolver; // never destroyed: its threads may outlive main
  shared->add({std::move(host), port}, std::move(done));
}

} // namespace harpia::inline v0::net
