// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "run.hpp"

#include "progress.hpp"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

namespace load {

namespace {

// What the threads tell the one that conducts them, and it them.
class conductor {
public:
  void report_ready() {
    const std::lock_guard lock{mutex_};
    ++ready_;
    changed_.notify_all();
  }

  void report_failure(std::exception_ptr failure) {
    const std::lock_guard lock{mutex_};
    if (!failure_)
      failure_ = std::move(failure);
    failed_ = true;
    sending_ = false;
    changed_.notify_all();
  }

  void await_ready(std::size_t count) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return failure_ || ready_ == count; });
  }

  // Whether nothing failed until then.
  bool wait_until(std::int64_t time) {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, nanoseconds{time - now()}, [&] { return static_cast<bool>(failure_); });
    return !failure_;
  }

  void rethrow() {
    const std::lock_guard lock{mutex_};
    if (failure_)
      std::rethrow_exception(failure_);
  }

  [[nodiscard]] bool failed() const { return failed_; }
  void start() { started_ = true; }
  void stop() { sending_ = false; }
  [[nodiscard]] bool started() const { return started_; }
  [[nodiscard]] bool sending() const { return sending_.load(std::memory_order_relaxed); }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t ready_ = 0;
  std::exception_ptr failure_;
  std::atomic<bool> failed_{false};
  std::atomic<bool> started_{false};
  std::atomic<bool> sending_{true};
};

// Totals of the threads' connections, when they are done.
struct received_totals {
  std::atomic<std::uint64_t> bytes{0};
  std::atomic<std::uint64_t> compressed{0};
};

void work(traffic& mine, const client_settings& settings, conductor& conducting, received_totals& received) try {
  worker clients{settings, mine};
  clients.open_all(mine.clients());
  conducting.report_ready();
  while (!conducting.started() && conducting.sending())
    clients.turn(std::chrono::milliseconds{1});
  mine.begin(clients);
  auto timeout = nanoseconds{0};
  while (conducting.sending()) {
    clients.turn(timeout);
    timeout = mine.turn_ended(clients, true);
  }
  const auto deadline = now() + patience;
  while (mine.outstanding() > 0 && !conducting.failed()) {
    clients.turn(std::chrono::milliseconds{1});
    mine.turn_ended(clients, false);
    if (now() > deadline)
      throw std::runtime_error{std::to_string(mine.outstanding()) + " messages never came back"};
  }
  received.bytes += clients.buffers().received;
  received.compressed += clients.buffers().compressed_messages;
} catch (...) {
  conducting.report_failure(std::current_exception());
}

struct snapshot {
  std::int64_t time;
  std::uint64_t messages;
  std::uint64_t server_time;
  std::uint64_t own_time;
};

class run {
public:
  run(const options& wanted, const std::vector<std::unique_ptr<traffic>>& traffics, measured_window& window)
      : wanted_(wanted), traffics_(traffics), window_(window) {
    if (wanted.server)
      server_.emplace(*wanted.server);
  }

  outcome conduct() {
    for (const auto& each : traffics_)
      threads_.emplace_back([&] { work(*each, wanted_.settings, conducting_, received_); });
    outcome result;
    try {
      measure(result);
    } catch (...) {
      conducting_.report_failure(std::current_exception());
    }
    conducting_.stop();
    for (auto& thread : threads_)
      thread.join();
    conducting_.rethrow();
    result.whole_run = messages();
    result.received = received_.bytes;
    result.compressed = received_.compressed;
    for (const auto& each : traffics_)
      result.latencies.merge(each->latencies());
    return result;
  }

private:
  void measure(outcome& result) {
    conducting_.await_ready(traffics_.size());
    conducting_.start();
    const auto start = last_change_ = now();
    const auto from = start + in_nanoseconds(wanted_.warm_up);
    const auto to = from + in_nanoseconds(wanted_.duration);
    progress_bar progress{start, to};
    if (!wait(from, progress))
      return;
    window_.to = to;
    window_.from = from;
    const auto first = take_snapshot();
    // A busy machine may need longer for the first message; wait() gives up where none comes at all.
    auto last = first;
    for (auto end = to; last.messages == first.messages; end += step) {
      if (!wait(end, progress))
        return;
      last = take_snapshot();
    }
    result.seconds = static_cast<double>(last.time - first.time) / 1e9;
    result.messages = last.messages - first.messages;
    result.server_time = last.server_time - first.server_time;
    result.own_time = last.own_time - first.own_time;
    if (server_) {
      result.resident = server_->resident();
      result.resident_private = server_->resident_private();
    }
  }

  // Until `time`; false if the run is over before.
  bool wait(std::int64_t time, progress_bar& progress) {
    for (auto moment = now(); moment < time; moment = now()) {
      progress.show(moment, messages());
      if (!conducting_.wait_until(std::min(time, moment + step)))
        return false;
      if (const auto count = messages(); count != last_count_) {
        last_count_ = count;
        last_change_ = now();
      } else if (now() - last_change_ > patience) {
        throw std::runtime_error{"the server has stopped answering"};
      }
    }
    return true;
  }

  [[nodiscard]] std::uint64_t messages() const {
    std::uint64_t sum = 0;
    for (const auto& each : traffics_)
      sum += each->messages();
    return sum;
  }

  [[nodiscard]] snapshot take_snapshot() const {
    return {now(), messages(), server_ ? server_->processor_time() : 0, own_processor_time()};
  }

  static constexpr std::int64_t step = 200'000'000; // ns between looks at the progress

  static std::int64_t in_nanoseconds(seconds time) { return std::chrono::duration_cast<nanoseconds>(time).count(); }

  const options& wanted_;
  const std::vector<std::unique_ptr<traffic>>& traffics_;
  measured_window& window_;
  std::optional<server_process> server_;
  conductor conducting_;
  received_totals received_;
  std::vector<std::thread> threads_;
  std::uint64_t last_count_ = 0;
  std::int64_t last_change_ = 0;
};

} // namespace

outcome run_load(const options& wanted, const std::vector<std::unique_ptr<traffic>>& traffics, measured_window& window) {
  return run{wanted, traffics, window}.conduct();
}

} // namespace load
