// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/message_parts.hpp"

#include "deflate/inflater.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace harpia::inline v0::websocket {

// Forwards inflated bytes at once, up to the limit of a message.
class message_parts::inflated_parts final : public deflate::inflate_target {
public:
  inflated_parts(message_parts& parts, message_kind kind, deflate::message_inflater& incoming, part_taker& to) noexcept
      : parts_{&parts}, kind_{kind}, incoming_{&incoming}, to_{&to} {}

  [[nodiscard]] std::span<std::byte> room() override {
    const auto scratch = incoming_->scratch();
    return scratch.first(std::min(scratch.size(), incoming_->limit() - parts_->inflated_));
  }
  void added(std::size_t count) override {
    parts_->inflated_ += count;
    if (count > 0 && !fault_)
      fault_ = parts_->take({kind_, incoming_->scratch().first(count)}, last_part::no, *to_);
  }

  [[nodiscard]] const std::optional<message_fault>& fault() const noexcept { return fault_; }

private:
  message_parts* parts_;
  message_kind kind_;
  deflate::message_inflater* incoming_;
  part_taker* to_;
  std::optional<message_fault> fault_;
};

std::optional<message_fault> message_parts::take(message_view piece, last_part last, part_taker& to) {
  if (piece.is_text()) {
    const bool is_good = text_.take(piece.bytes(), last, [&](std::span<const std::byte> whole, last_part ends) {
      give({message_kind::text, whole}, ends, to);
    });
    return is_good ? std::nullopt : std::optional{invalid_text};
  }
  if (!piece.empty() || last == last_part::yes)
    give(piece, last, to);
  return std::nullopt;
}

std::optional<message_fault>
message_parts::take_deflated(message_view piece, last_part last, deflate::message_inflater& incoming, part_taker& to) {
  inflated_parts out{*this, piece.kind(), incoming, to};
  auto result = incoming.part(piece.bytes(), out);
  if (result == deflate::inflated::good && last == last_part::yes)
    result = incoming.end(out);
  const auto fault = out.fault() ? out.fault() : fault_of(result);
  if (!fault && last == last_part::no)
    return std::nullopt;
  incoming.forget();
  inflated_ = 0;
  return fault ? fault : take({piece.kind(), {}}, last_part::yes, to);
}

void message_parts::give(message_view part, last_part last, part_taker& to) {
  const auto wish = to.wants_part();
  if (wish == part_taker::wish::never)
    return;
  if (wish == part_taker::wish::now && !has_held())
    return to.on_part(part, last);
  auto& held = held_ ? *held_ : held_.emplace();
  held.insert(held.end(), part.bytes().begin(), part.bytes().end());
  held_kind_ = part.kind();
  held_last_ = last;
}

void message_parts::give_held(part_taker& to) {
  const auto held = std::exchange(held_, std::nullopt);
  if (held && to.wants_part() != part_taker::wish::never)
    to.on_part({held_kind_, *held}, held_last_);
}

} // namespace harpia::inline v0::websocket
