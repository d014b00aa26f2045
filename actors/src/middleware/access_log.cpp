// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/access_log.hpp>

#include "log/escape.hpp"
#include "middleware/layers.hpp"
#include <harpia/page.hpp>
#include <harpia/socket.hpp>
#include <harpia/upgrade.hpp>

#include <array>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <utility>

namespace harpia::inline v0 {

namespace {

/// The layer's state for one connection.
struct visit {
  std::chrono::steady_clock::time_point opened;
  traffic received;
  traffic sent;
};

/// Registers for the record of a request that does not become a connection.
void await_answer(http_exchange& request, const std::function<void(const access_record&)>& write) {
  request.on_answered([write, address = std::string{request.remote_address()}, method = std::string{request.request().method()},
                       path = std::string{request.request().path()}](int status, std::chrono::milliseconds after) {
    write({.remote_address = address, .method = method, .path = path, .status = status, .lasted = after});
  });
}

void count(traffic& direction, message_view message) {
  ++direction.messages;
  direction.bytes += message.size();
}

// Escapes text for use between quotes, as ASCII.
void append_quotable(std::string& line, std::string_view text) {
  for (const char c : text)
    if (detail::is_control(c) || static_cast<unsigned char>(c) > 0x7F)
      detail::append_escaped(line, c);
    else if (c == '"' || c == '\\')
      line.append({'\\', c});
    else
      line.push_back(c);
}

std::string seconds(std::chrono::milliseconds time) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%lld.%03llds", static_cast<long long>(time.count() / 1000),
                static_cast<long long>(time.count() % 1000));
  return text.data();
}

std::string to_text(const traffic& direction) {
  return std::to_string(direction.messages) + '/' + std::to_string(direction.bytes);
}

} // namespace

std::string to_line(const access_record& record) {
  std::string line;
  append_quotable(line, record.remote_address.empty() ? "-" : record.remote_address);
  line.push_back(' ');
  append_quotable(line, record.method);
  line.push_back(' ');
  append_quotable(line, record.path);
  line.append(" ").append(std::to_string(record.status)).append(" ").append(seconds(record.lasted));
  if (record.status != 101)
    return line;
  line.append(" received ").append(to_text(record.received)).append(" sent ").append(to_text(record.sent));
  line.append(" published ").append(to_text(record.published));
  line.append(" ").append(std::to_string(static_cast<unsigned>(record.code))).append(" \"");
  append_quotable(line, record.reason);
  line.push_back('"');
  return line;
}

middleware_factory access_log(std::function<void(const access_record&)> write) {
  if (!write)
    throw std::invalid_argument{"an access log needs a function to write with"};
  return [write = std::move(write)] {
    auto seen = std::make_shared<visit>();
    return middleware{
        .upgrade = [write](upgrade_base& request) { await_answer(request, write); },
        .http = [write](page_request& request) { await_answer(request, write); },
        .open = [seen](socket_base& ws) { seen->opened = ws.now(); },
        .message =
            [seen](socket_base&, message_view message, const next_handler& next) {
              count(seen->received, message);
              next(message);
            },
        .message_part =
            [seen](socket_base&, message_view part, last_part last, const next_part_handler& next) {
              seen->received.messages += last == last_part::yes ? 1 : 0;
              seen->received.bytes += part.size();
              next(part, last);
            },
        .send =
            [seen](socket_base&, message_view message, const next_sender& next) {
              const auto status = next(message);
              if (status == send_status::sent || status == send_status::buffered)
                count(seen->sent, message);
              return status;
            },
        .close =
            [seen, write](socket_base& ws, close_code code, std::string_view reason) {
              write({
                  .remote_address = ws.remote_address(),
                  .method = ws.request().method(),
                  .path = ws.request().path(),
                  .lasted = std::chrono::duration_cast<std::chrono::milliseconds>(ws.now() - seen->opened),
                  .received = seen->received,
                  .sent = seen->sent,
                  .published = detail::published_to(ws),
                  .code = code,
                  .reason = reason,
              });
            },
    };
  };
}

} // namespace harpia::inline v0
