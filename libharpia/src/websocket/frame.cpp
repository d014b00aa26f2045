// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/frame.hpp"

#include "websocket/masking.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace harpia::websocket {

namespace {

constexpr unsigned char fin = 0x80;
constexpr std::uint64_t max_7_bit = 125;
constexpr std::uint64_t max_16_bit = 0xFFFF;
constexpr unsigned char length_in_16_bits = 126;
constexpr unsigned char length_in_64_bits = 127;
constexpr unsigned char masked = 0x80;

} // namespace

frame_header::frame_header(opcode code, std::uint64_t payload_size, payload_form form, const masking_key* mask) noexcept {
  const auto put = [this](std::size_t at, std::uint64_t byte) { bytes_[at] = static_cast<char>(byte & 0xFF); };
  const std::uint64_t mask_bit = mask ? masked : 0;
  put(0, static_cast<unsigned>(fin) | static_cast<unsigned>(form) | static_cast<unsigned>(code));
  std::size_t length_bytes = 0;
  if (payload_size <= max_7_bit) {
    put(1, mask_bit | payload_size);
  } else if (payload_size <= max_16_bit) {
    put(1, mask_bit | length_in_16_bits);
    length_bytes = 2;
  } else {
    put(1, mask_bit | length_in_64_bits);
    length_bytes = 8;
  }
  for (std::size_t i = 0; i < length_bytes; ++i)
    put(2 + i, payload_size >> (8 * (length_bytes - 1 - i)));
  size_ = 2 + length_bytes;
  if (mask) {
    std::memcpy(bytes_.data() + size_, mask->data(), mask->size());
    size_ += mask->size();
  }
}

std::size_t frame_writer::size_of(std::size_t payload_size) const noexcept {
  const std::size_t length_bytes = payload_size <= max_7_bit ? 0 : payload_size <= max_16_bit ? 2 : 8;
  return 2 + length_bytes + (keys_ ? sizeof(masking_key) : 0) + payload_size;
}

void frame_writer::append(memory::byte_buffer& out, opcode code, std::string_view payload, payload_form form) const {
  if (!keys_) {
    out.append(frame_header{code, payload.size(), form}.bytes()).append(payload);
    return;
  }
  const auto key = keys_->next();
  out.append(frame_header{code, payload.size(), form, &key}.bytes()).append(payload);
  apply_mask(out.bytes().last(payload.size()), key);
}

std::string close_payload(close_code code, std::string_view reason) {
  const auto number = static_cast<unsigned>(code);
  std::string payload{static_cast<char>(number >> 8U), static_cast<char>(number & 0xFFU)};
  return payload.append(reason);
}

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

} // namespace harpia::websocket
