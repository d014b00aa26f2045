// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/tls_bridge.hpp"

#include "support/connect_to.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <span>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace harpia::test {

namespace {

constexpr int poll_limit = 10'000; // ms without anything to do; then the bridge ends

[[noreturn]] void fail(const std::string& what) {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  ERR_clear_error();
  throw std::runtime_error{"tls_bridge: " + what + ": " + text.data()};
}

void require(bool holds, const std::string& what) {
  if (!holds)
    fail(what);
}

/// OpenSSL writes to sockets in a way that raises SIGPIPE; only for this thread, as the library under test must not need it.
class without_sigpipe {
public:
  without_sigpipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  without_sigpipe(const without_sigpipe&) = delete;
  without_sigpipe& operator=(const without_sigpipe&) = delete;
  ~without_sigpipe() {
    const timespec at_once{};
    sigtimedwait(&pipe_, nullptr, &at_once);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

private:
  sigset_t pipe_{};
  sigset_t before_{};
};

net::unique_fd connect_to(std::uint16_t port) {
  net::unique_fd socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval limit{.tv_sec = poll_limit / 1000, .tv_usec = 0};
  require(::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0, "setsockopt");
  require(test::connect_to(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "connect");
  return socket;
}

void make_nonblocking(int descriptor) {
  require(::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK) == 0, "fcntl");
}

void configure(SSL_CTX* context, const tls_bridge_options& options) {
  SSL_CTX_set_security_level(context, 0); // old versions are for the server to refuse
  require(SSL_CTX_set_min_proto_version(context, TLS1_VERSION) == 1, "version");
  require(SSL_CTX_set_max_proto_version(context, options.max_version) == 1, "version");
  if (!options.cert.empty()) {
    require(SSL_CTX_use_certificate_file(context, certificate(options.cert).c_str(), SSL_FILETYPE_PEM) == 1, options.cert);
    require(SSL_CTX_use_PrivateKey_file(context, certificate(options.key).c_str(), SSL_FILETYPE_PEM) == 1, options.key);
  }
}

void configure(SSL* tls, const tls_bridge_options& options) {
  if (!options.server_name.empty())
    require(SSL_set_tlsext_host_name(tls, options.server_name.c_str()) == 1, "server name");
  if (!options.alpn.empty()) {
    const auto offered = static_cast<char>(options.alpn.size()) + options.alpn;
    require(
        SSL_set_alpn_protos(tls, reinterpret_cast<const unsigned char*>(offered.data()), static_cast<unsigned>(offered.size()))
            == 0,
        "ALPN");
  }
  if (options.session)
    require(SSL_set_session(tls, options.session.get()) == 1, "session");
}

/// Bytes on their way in one direction.
struct buffer {
  std::array<char, 16384> bytes;
  std::size_t begin = 0;
  std::size_t end = 0;

  [[nodiscard]] bool empty() const noexcept { return begin == end; }
  void fill(std::size_t size) noexcept { begin = 0, end = size; }
};

/// Moves bytes between both ends until both have ended.
class pump {
public:
  pump(SSL* tls, int plain) : tls_{tls}, plain_{plain} {}

  void run() noexcept {
    while (!inward_ended_ || !outward_ended_) {
      bool moved = from_plain();
      moved = to_tls() || moved;
      moved = from_tls() || moved;
      moved = to_plain() || moved;
      if (!moved && !wait())
        return;
    }
  }

private:
  bool wait() noexcept {
    std::array<pollfd, 2> both{};
    const bool wants_plain = outward_.empty() && !outward_ended_;
    both[0] = {plain_, static_cast<short>((wants_plain ? POLLIN : 0) | (inward_.empty() ? 0 : POLLOUT)), 0};
    both[1] = {SSL_get_fd(tls_), static_cast<short>((inward_ended_ ? 0 : POLLIN) | (outward_.empty() ? 0 : POLLOUT)), 0};
    return ::poll(both.data(), both.size(), poll_limit) > 0;
  }

  bool from_plain() noexcept {
    if (!outward_.empty() || outward_ended_)
      return false;
    const auto size = ::recv(plain_, outward_.bytes.data(), outward_.bytes.size(), 0);
    if (size > 0) {
      outward_.fill(static_cast<std::size_t>(size));
      return true;
    }
    if (size < 0 && errno == EAGAIN)
      return false;
    outward_ended_ = true;
    SSL_shutdown(tls_);
    ::shutdown(SSL_get_fd(tls_), SHUT_WR);
    return true;
  }

  bool to_tls() noexcept {
    if (outward_.empty())
      return false;
    std::size_t written = 0;
    const int result = SSL_write_ex(tls_, outward_.bytes.data() + outward_.begin, outward_.end - outward_.begin, &written);
    if (result == 1) {
      outward_.begin += written;
      return true;
    }
    if (wants_more(result))
      return false;
    outward_.fill(0);
    return outward_ended_ = true;
  }

  bool from_tls() noexcept {
    if (!inward_.empty() || inward_ended_)
      return false;
    std::size_t size = 0;
    const int result = SSL_read_ex(tls_, inward_.bytes.data(), inward_.bytes.size(), &size);
    if (result == 1) {
      inward_.fill(size);
      return true;
    }
    if (wants_more(result))
      return false;
    ::shutdown(plain_, SHUT_WR);
    return inward_ended_ = true;
  }

  bool to_plain() noexcept {
    if (inward_.empty())
      return false;
    const auto size = ::send(plain_, inward_.bytes.data() + inward_.begin, inward_.end - inward_.begin, MSG_NOSIGNAL);
    if (size < 0 && errno == EAGAIN)
      return false;
    inward_.begin = size < 0 ? inward_.end : inward_.begin + static_cast<std::size_t>(size);
    return true;
  }

  bool wants_more(int result) noexcept {
    const int why = SSL_get_error(tls_, result);
    ERR_clear_error();
    return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
  }

  SSL* tls_;
  int plain_;
  buffer outward_;
  buffer inward_;
  bool outward_ended_ = false;
  bool inward_ended_ = false;
};

} // namespace

std::string certificate(const std::string& name) {
  return std::string{HARPIA_TEST_CERTIFICATES} + "/" + name;
}

tls_bridge::tls_bridge(std::uint16_t port, const tls_bridge_options& options)
    : socket_{connect_to(port)}, context_{SSL_CTX_new(TLS_client_method()), &SSL_CTX_free}, tls_{nullptr, &SSL_free} {
  const without_sigpipe guard; // the thread inherits it
  configure(context_.get(), options);
  tls_.reset(SSL_new(context_.get()));
  configure(tls_.get(), options);
  require(SSL_set_fd(tls_.get(), socket_.get()) == 1, "socket");
  const auto& first = options.before_tls;
  require(::send(socket_.get(), first.data(), first.size(), 0) == static_cast<ssize_t>(first.size()), "send");
  int connected = 0;
  do {
    errno = 0;
    connected = SSL_connect(tls_.get());
  } while (connected != 1 && errno == EINTR
           && SSL_get_error(tls_.get(), connected) != SSL_ERROR_SSL); // interrupted, see `connect_to`
  if (connected != 1)
    fail(errno == EAGAIN ? "nothing happened" : "the server refuses");
  std::array<int, 2> both{};
  require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both.data()) == 0, "socketpair");
  plain_.reset(both[0]);
  inner_.reset(both[1]);
  make_nonblocking(inner_.get());
  make_nonblocking(socket_.get());
  SSL_set_mode(tls_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  thread_ = std::thread{[this, begin = options.on_thread] {
    if (begin)
      begin();
    pump{tls_.get(), inner_.get()}.run();
  }};
}

tls_bridge::~tls_bridge() {
  plain_.reset();
  if (thread_.joinable()) {
    ::shutdown(inner_.get(), SHUT_RDWR);
    ::shutdown(socket_.get(), SHUT_RDWR);
    thread_.join();
  }
}

std::string tls_bridge::version() const {
  return SSL_get_version(tls_.get());
}

std::string tls_bridge::alpn() const {
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(tls_.get(), &chosen, &size);
  return {reinterpret_cast<const char*>(chosen), size};
}

std::string tls_bridge::server_subject() const {
  std::array<char, 256> text{};
  X509_NAME_get_text_by_NID(
      X509_get_subject_name(SSL_get0_peer_certificate(tls_.get())), NID_commonName, text.data(), static_cast<int>(text.size()));
  return text.data();
}

bool tls_bridge::resumed() const {
  return SSL_session_reused(tls_.get()) == 1;
}

bool tls_bridge::ended_in_order() {
  thread_.join();
  return (SSL_get_shutdown(tls_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

tls_session tls_bridge::session() const {
  return {SSL_get1_session(tls_.get()), &SSL_SESSION_free};
}

} // namespace harpia::test
