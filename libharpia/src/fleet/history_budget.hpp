// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstddef>
#include <list>

namespace harpia::inline v0::fleet {

/// The bytes that the history rings of a node may hold together. When they are spent, the ring that was added to longest ago forgets its
/// oldest messages first. Not thread-safe.
class history_budget {
public:
  /// A ring, as the budget sees it. It is destroyed before its budget, without bytes.
  class holder {
  public:
    /// Forgets the oldest message and says so by `shrank`. Called only while it holds bytes.
    virtual void forget_oldest() noexcept = 0;

  protected:
    ~holder() = default;

  private:
    friend class history_budget;
    std::list<holder*>::iterator place_; // valid while it holds bytes
    std::size_t held_ = 0;
  };

  static constexpr std::size_t usual = std::size_t{64} << 20U;

  /// @param most in bytes
  explicit history_budget(std::size_t most = usual) noexcept : most_{most} {}
  history_budget(const history_budget&) = delete;
  history_budget& operator=(const history_budget&) = delete;

  /// `who` holds `bytes` more. Makes others forget, and `who` itself last.
  void grew(holder& who, std::size_t bytes) {
    if (bytes == 0)
      return;
    if (who.held_ == 0)
      who.place_ = holders_.insert(holders_.end(), &who);
    else
      holders_.splice(holders_.end(), holders_, who.place_);
    who.held_ += bytes;
    used_ += bytes;
    while (used_ > most_)
      holders_.front()->forget_oldest();
  }
  void shrank(holder& who, std::size_t bytes) noexcept {
    if (bytes == 0)
      return;
    who.held_ -= bytes;
    used_ -= bytes;
    if (who.held_ == 0)
      holders_.erase(who.place_);
  }

  [[nodiscard]] std::size_t used() const noexcept { return used_; }

private:
  std::size_t most_;
  std::size_t used_ = 0;
  std::list<holder*> holders_; // those that hold bytes, least recently added to first; bounded by the groups of the node
};

} // namespace harpia::inline v0::fleet
