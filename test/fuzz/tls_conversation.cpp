// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "tls_conversation.hpp"

#include <algorithm>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <utility>

namespace harpia::fuzz {

namespace {

using key_update = test::tls_peer::key_update;
using kind = record_damage::kind;
using net::interest;

constexpr unsigned most_key_updates = 1024;                    // of one client; each takes half a millisecond with sanitizers
constexpr std::size_t most_on_its_way = std::size_t{32} << 10; // bytes, before the client says more

std::array<net::unique_fd, 2> socket_pair(bool is_narrow) {
  std::array<int, 2> both{};
  require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, both.data()) == 0, "there are sockets");
  const int least = 1; // the kernel makes some KiB of it
  if (is_narrow)
    require(::setsockopt(both[1], SOL_SOCKET, SO_SNDBUF, &least, sizeof least) == 0, "a socket can be narrow");
  return {net::unique_fd{both[0]}, net::unique_fd{both[1]}};
}

/// What an end may say: a long text in single bytes would take seconds.
std::size_t most_to_say(std::size_t read_size) {
  return std::min(std::size_t{128} << 10, read_size * 4096);
}

std::size_t size_of(unsigned how, std::size_t& left) {
  constexpr std::array<std::size_t, 8> sizes{1, 2, 17, 300, 4000, 16384, 16385, 40000};
  const auto size = std::min(sizes[how % sizes.size()], left);
  left -= size;
  return size;
}

std::string record_of(std::uint8_t type, std::string_view content) {
  return std::string{static_cast<char>(type), '\3', '\3', '\0', static_cast<char>(content.size())}.append(content);
}

} // namespace

tls_conversation::tls_conversation(const tls_setting& setting)
    : setting_{setting}, random_{setting.seed + 1}, sockets_{socket_pair(setting.is_narrow)},
      always_ready_{::eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC)}, client_{setting.client},
      server_{loop_, setting.server->accept(std::move(sockets_[1])), setting.read_size, from_server_, from_client_},
      client_may_say_{most_to_say(setting.read_size)}, server_may_say_{client_may_say_}, key_updates_left_{most_key_updates} {
  loop_.add(always_ready_.get(), *this, interest::readable);
}

tls_conversation::~tls_conversation() {
  loop_.remove(always_ready_.get());
}

void tls_conversation::run(input script) {
  script_ = script;
  loop_.run();
  check();
}

void tls_conversation::run_raw(std::string_view bytes) {
  is_raw_ = true;
  is_damaged_ = true;
  line_.put_bytes(bytes);
  loop_.run();
  check();
}

void tls_conversation::on_io(interest) {
  constexpr int max_turns = 1'000'000; // far more than any takes
  constexpr unsigned max_quiet = 8;    // then nothing will come any more
  require(++turns_ < max_turns, "a connection comes to its end");
  if (waits_ > 0)
    --waits_;
  else if (!script_.empty())
    play();
  else
    finish();
  if (!is_raw_)
    speak();
  const bool has_sent = send();
  const bool has_heard = hear();
  quiet_ = has_sent || has_heard || waits_ > 0 || !script_.empty() ? 0 : quiet_ + 1;
  if (quiet_ > max_quiet)
    end_client();
  if (script_.empty() && is_over())
    loop_.stop();
}

void tls_conversation::play() {
  const unsigned byte = script_.byte();
  const unsigned how = byte / 16;
  const auto place = [&] { return how + std::size_t{16} * script_.byte(); };
  switch (byte % 16) {
    case 0: client_is_to_say_ += size_of(how, client_may_say_); break;
    case 1: server_.say(size_of(how, server_may_say_)); break;
    case 2:
      how_to_update_ = how % 2 == 0 ? key_update::asking : key_update::silent;
      key_updates_ = std::min(1U << how, key_updates_left_);
      key_updates_left_ -= key_updates_;
      break;
    case 3:
      client_.renegotiate();
      is_damaged_ = true; // it does not put up with the refusal
      break;
    case 4: wants_to_close_ = true; break;
    case 5: close_server(); break;
    case 6: server_.is_reading() ? server_.stop_reading() : server_.go_on_reading(); break;
    case 7: is_deaf_ = !is_deaf_; break;
    case 8: waits_ = how; break;
    case 9:
      end_client();
      if (how % 2 == 1)
        sockets_[0].reset(), has_heard_end_ = true;
      is_damaged_ = true;
      break;
    case 10: line_.damage_next({kind::flipped, place()}); break;
    case 11: line_.damage_next({std::array{kind::lost, kind::doubled, kind::overtaken}[how % 3]}); break;
    case 12: line_.damage_next({kind::cut_off, place()}); break;
    case 13: line_.damage_next({kind::split, place()}); break;
    case 14: line_.damage_next({kind::behind_bytes, 0, std::string{script_.take(how + 1)}}); break;
    default: {
      const auto type = script_.byte();
      line_.damage_next({kind::behind_bytes, 0, record_of(type, script_.take(how * std::size_t{8}))});
      break;
    }
  }
}

/// Behind the script: everybody does what is still to be done, and closes.
void tls_conversation::finish() {
  is_deaf_ = false;
  wants_to_close_ = true;
  if (!server_.is_reading())
    server_.go_on_reading();
  if (server_.has_heard_the_end())
    close_server();
  line_.put_late();
}

void tls_conversation::speak() {
  constexpr unsigned key_updates_at_once = 256;
  from_server_.hear(client_.receive({})); // it begins
  const bool is_free = client_.is_connected() && line_.bytes().size() < most_on_its_way;
  if (const auto size = std::min(client_is_to_say_, most_on_its_way); is_free && size > 0) {
    if (client_.say(known_text::part(from_client_.said(), size)))
      from_client_.say(size);
    client_is_to_say_ -= size;
  }
  for (unsigned i = 0; is_free && i < key_updates_at_once && key_updates_ > 0; ++i, --key_updates_)
    client_.update_keys(how_to_update_);
  if (is_free && wants_to_close_ && !has_closed_ && client_is_to_say_ == 0 && key_updates_ == 0) {
    client_.close();
    has_closed_ = true;
  }
  line_.put(client_.take_records());
}

/// Returns whether something has left.
bool tls_conversation::send() {
  const auto all = line_.bytes();
  if (all.empty())
    return false;
  if (has_ended_) {
    line_.take(all.size());
    return false;
  }
  const auto most = std::max(setting_.piece_size, all.size() / 1024);
  const auto piece = all.substr(0, random_() % most + 1);
  const auto taken = ::send(sockets_[0].get(), piece.data(), piece.size(), MSG_NOSIGNAL);
  if (taken < 0 && errno != EAGAIN)
    has_ended_ = true; // the server has
  if (taken <= 0)
    return false;
  line_.take(static_cast<std::size_t>(taken));
  return true;
}

/// Returns whether something has come.
bool tls_conversation::hear() {
  if (is_deaf_ || has_heard_end_)
    return false;
  std::array<char, 16384> part;
  const auto size = ::recv(sockets_[0].get(), part.data(), part.size(), 0);
  if (size < 0 && errno == EAGAIN)
    return false;
  if (size <= 0)
    has_heard_end_ = true;
  else if (!is_raw_)
    from_server_.hear(client_.receive({part.data(), static_cast<std::size_t>(size)}));
  return true;
}

void tls_conversation::end_client() {
  if (!std::exchange(has_ended_, true))
    ::shutdown(sockets_[0].get(), SHUT_WR);
}

/// Before the end of the TLS handshake, of which the server knows when it has heard something, it gives up.
void tls_conversation::close_server() {
  if (!server_.has_heard() && !server_.has_heard_the_end())
    is_damaged_ = true;
  server_.close();
}

bool tls_conversation::is_over() const noexcept {
  return server_.has_failed() || (server_.has_heard_the_end() && server_.has_closed() && has_heard_end_);
}

void tls_conversation::check() const {
  constexpr std::size_t max_memory = std::size_t{1} << 20;
  require(memory_.most() < max_memory, "memory is bounded");
  const auto& certificate = server_.certificate();
  if (server_.has_heard()) {
    require(setting_.server_takes_client, "only who is taken is heard");
    require(certificate.has_value() == setting_.server_verifies_client, "what was verified is told, and nothing else");
    require(!certificate || certificate->subject == "CN=known", "it is told whose it was");
  }
  if (!is_undamaged())
    return;
  if (!setting_.server_takes_client)
    return require(server_.has_failed(), "a client that is not taken is refused");
  require(!server_.has_failed(), "without cause nothing fails");
  require(from_client_.is_heard() && from_server_.is_heard(), "everything is heard");
  require(client_.has_heard_the_end(), "the end is said");
  require(!setting_.client.session || client_.has_resumed(), "a session is resumed");
}

} // namespace harpia::fuzz
