// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "groups/group_shard.hpp"

#include <harpia/access_log.hpp>

#include <optional>

namespace harpia::inline v0::detail {

/// A connection with layers as a member of groups. It counts what the connection accepts of them, which does not pass through the layers, so
/// that connections without layers need not ask whether to count.
class counting_member final : public group_member {
public:
  /// @param counted owns this object
  explicit counting_member(group_member& counted) noexcept : counted_{&counted} {}

  void deliver(const publication& message, receipt& sum) override {
    const auto before = sum.accepted;
    counted_->deliver(message, sum);
    if (sum.accepted == before)
      return;
    ++accepted_.messages;
    accepted_.bytes += message.frame->message().size();
  }
  [[nodiscard]] caf::strong_actor_ptr actor() override { return counted_->actor(); }
  [[nodiscard]] std::optional<harpia::handle> as_handle() override { return counted_->as_handle(); }
  void take_order(const close_order& order) override { counted_->take_order(order); }

  [[nodiscard]] const traffic& accepted() const noexcept { return accepted_; }

private:
  group_member* counted_;
  traffic accepted_;
};

} // namespace harpia::inline v0::detail
