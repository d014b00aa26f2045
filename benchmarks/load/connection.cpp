// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "connection.hpp"

namespace load {

namespace {

constexpr std::size_t most_outbound = std::size_t{64} << 20;
constexpr std::size_t longest_response = 16 << 10;

std::unique_ptr<byte_stream> connect(const client_settings& settings) {
  return settings.below == transport::tls ? connect_tls(settings.server, settings.source)
                                          : connect_plain(settings.server, settings.source);
}

std::string path_of(std::size_t index, const client_settings& settings) {
  return settings.groups > 0 ? settings.path + '/' + std::to_string(index % settings.groups) : settings.path;
}

} // namespace

connection::connection(std::size_t index, const client_settings& settings, connection_events& events, connection_buffers& buffers)
    : index_(index), settings_(settings), events_(events), buffers_(buffers), stream_(connect(settings)) {
  if (settings.frames == framing::websocket)
    outbound_ = upgrade_request(settings.server, path_of(index, settings), settings.extension);
}

void connection::on_ready() try {
  if (phase_ == phase::closed)
    return; // the end of what the server has closed
  if (phase_ == phase::upgrading && settings_.frames == framing::raw)
    become_open();
  flush();
  read_all();
  if (!outbound_.empty())
    flush(); // TLS may have read what it needed in order to write
} catch (const std::runtime_error& error) {
  throw std::runtime_error{"client " + std::to_string(index_) + ": " + error.what()};
}

void connection::send(std::string_view frames) {
  if (!outbound_.empty()) {
    if (outbound_.size() + frames.size() > most_outbound)
      throw std::runtime_error{"the server does not read: 64 MiB wait to be sent"};
    outbound_ += frames;
    return;
  }
  while (!frames.empty()) {
    const auto [status, bytes] = stream_->write(frames.data(), frames.size());
    if (status == io_status::closed)
      return; // the read that follows tells
    frames.remove_prefix(bytes);
    if (status == io_status::would_block) {
      outbound_ = frames;
      return;
    }
  }
}

void connection::start_closing() {
  phase_ = phase::closing;
  send(masked_frame(opcode::close, std::string_view{"\x03\xe8", 2})); // 1000
}

void connection::flush() {
  if (outbound_.empty())
    return;
  std::string waiting;
  waiting.swap(outbound_);
  send(waiting);
}

void connection::read_all() {
  auto& buffer = buffers_.read;
  for (;;) {
    const auto [status, bytes] = stream_->read(buffer.data(), buffer.size());
    if (status == io_status::closed)
      return on_end();
    if (status == io_status::would_block)
      return;
    buffers_.received += bytes;
    take({buffer.data(), bytes});
    if (phase_ == phase::closed)
      return;
    if (phase_ == phase::open)
      events_.batch_ended(*this);
    if (bytes < buffer.size())
      return;
  }
}

void connection::take(std::string_view bytes) {
  if (settings_.frames == framing::raw)
    take_raw(bytes);
  else if (phase_ == phase::upgrading)
    take_response(bytes);
  else
    reader_.feed(bytes, *this);
}

void connection::take_raw(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto chunk = bytes.substr(0, settings_.message_size - raw_offset_);
    bytes.remove_prefix(chunk.size());
    events_.payload(*this, raw_offset_, chunk);
    raw_offset_ += chunk.size();
    if (raw_offset_ == settings_.message_size) {
      raw_offset_ = 0;
      events_.message(*this, opcode::continuation, settings_.message_size);
    }
  }
}

void connection::take_response(std::string_view bytes) {
  incomplete_ += bytes;
  const auto end = incomplete_.find("\r\n\r\n");
  if (end == incomplete_.npos) {
    if (incomplete_.size() > longest_response)
      throw std::runtime_error{"the server's response to the upgrade has no end"};
    return;
  }
  std::string head;
  head.swap(incomplete_);
  check_upgrade_response(std::string_view{head}.substr(0, end + 2), settings_.extension);
  become_open();
  reader_.feed(std::string_view{head}.substr(end + 4), *this);
}

void connection::become_open() {
  phase_ = phase::open;
  events_.opened(*this);
}

void connection::on_end() {
  if (phase_ != phase::closing)
    throw std::runtime_error{phase_ == phase::upgrading ? "the server closed the connection before the upgrade"
                                                        : "the server closed the connection without a close frame"};
  phase_ = phase::closed;
}

void connection::on_payload(std::size_t offset, std::string_view chunk, frame_reader::compression compression) {
  if (compression == frame_reader::compression::none)
    return events_.payload(*this, offset, chunk);
  if (settings_.extension == offer::nothing)
    throw std::runtime_error{"the server compressed a message unasked"};
  if (incomplete_.size() + chunk.size() > settings_.message_size + 1024)
    throw std::runtime_error{"the server sent a compressed message that is too long"};
  incomplete_ += chunk;
}

void connection::on_message(opcode kind, std::size_t length, frame_reader::compression compression) {
  if (compression == frame_reader::compression::deflate) {
    const auto text = buffers_.inflating.inflate(incomplete_, settings_.message_size);
    incomplete_.clear();
    ++buffers_.compressed_messages;
    events_.payload(*this, 0, text);
    length = text.size();
  }
  events_.message(*this, kind, length);
}

void connection::on_control(opcode kind, std::string_view payload) {
  if (kind == opcode::ping) {
    send(masked_frame(opcode::pong, payload));
  } else if (kind == opcode::close) {
    if (phase_ != phase::closing) {
      const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(payload[at]); };
      const int code = payload.size() < 2 ? 1005 : byte(0) << 8 | byte(1);
      throw std::runtime_error{"the server closed the connection with code " + std::to_string(code)};
    }
    phase_ = phase::closed;
  }
}

} // namespace load
