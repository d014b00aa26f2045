// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/frame.hpp"

#include <algorithm>
#include <utility>

namespace harpia::inline v0::websocket {

frame::frame(message_view message, compression allowed) : kind_{message.kind()}, allowed_{allowed} {
  const frame_writer writer;
  const auto size = writer.size_of(message.size());
  bytes_.reserve(size);
  writer.append(bytes_, opcode_of(kind_), message.text());
  header_size_ = size - message.size();
}

message_view frame::message() const noexcept {
  return {kind_, bytes_.bytes().subspan(header_size_)};
}

// A compressed variant, which is only written to peers.
frame::frame(message_kind kind, memory::byte_buffer encoded)
    : bytes_{std::move(encoded)}, header_size_{0}, kind_{kind}, allowed_{compression::disabled} {}

// Null if `max_variants` is reached.
frame::variant* frame::find_variant(const deflate::deflate_settings& settings) const {
  const std::scoped_lock lock{mutex_};
  const auto known = std::ranges::find(variants_, settings, &variant::settings);
  if (known != variants_.end())
    return &*known;
  return variants_.size() < max_variants ? &variants_.emplace_back(settings) : nullptr;
}

shared_frame frame::deflated(const deflate::deflate_settings& settings, deflate::deflaters& tools) const {
  auto* const found = find_variant(settings);
  if (!found)
    return nullptr;
  std::call_once(found->once, [&] {
    auto& tool = tools.get(settings);
    const auto payload = tool.deflate(message().text());
    if (payload.size() < message().size()) {
      memory::byte_buffer encoded;
      frame_writer{}.append(encoded, opcode_of(kind_), payload, payload_form::deflated);
      found->made = shared_frame{new frame{kind_, std::move(encoded)}};
    }
    tool.trim();
  });
  return found->made;
}

shared_frame make_frame(message_view message, compression allowed) {
  return std::make_shared<const frame>(message, allowed);
}

} // namespace harpia::inline v0::websocket
