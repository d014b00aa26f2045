// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "net/tls_stream.hpp"

#include "net/tls_error.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <new>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string_view>
#include <sys/socket.h>
#include <sys/uio.h>
#include <utility>

namespace harpia::inline v0::net {

namespace {

constexpr std::size_t record_size = SSL3_RT_MAX_PLAIN_LENGTH; // RFC 8446, 5.1: 16 KiB

// A peer that does not read can make more than that pending only by requesting key updates again and again (RFC 8446, 4.6.3). The
// stream then stops reading until the peer has read.
constexpr std::size_t max_pending = 2 * record_size;

tls_stream& stream_of(BIO* bio) noexcept {
  return *static_cast<tls_stream*>(BIO_get_data(bio));
}

// OpenSSL's own socket BIO would raise SIGPIPE, and it cannot buffer what the kernel does not take.
int bio_read(BIO* bio, char* target, int size) {
  BIO_clear_retry_flags(bio);
  const int result = stream_of(bio).receive(target, size);
  if (result < 0)
    BIO_set_retry_read(bio);
  return result;
}

int bio_write(BIO* bio, const char* source, int size) {
  BIO_clear_retry_flags(bio);
  return stream_of(bio).transmit(source, size);
}

long bio_control(BIO* bio, int command, long, void*) {
  switch (command) {
    case BIO_CTRL_EOF: return stream_of(bio).has_ended() ? 1 : 0;
    case BIO_CTRL_FLUSH: return 1;
    default: return 0;
  }
}

const BIO_METHOD* bio_method() {
  static const auto method = [] {
    std::unique_ptr<BIO_METHOD, decltype(&BIO_meth_free)> made{
        BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "harpia socket"), &BIO_meth_free};
    if (!made)
      throw std::bad_alloc{};
    BIO_meth_set_read(made.get(), bio_read);
    BIO_meth_set_write(made.get(), bio_write);
    BIO_meth_set_ctrl(made.get(), bio_control);
    return made;
  }();
  return method.get();
}

/// The text that `print` writes to a BIO.
template <class Print>
std::string printed(Print print) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> text{BIO_new(BIO_s_mem()), &BIO_free};
  if (!text || print(text.get()) < 0)
    throw std::bad_alloc{};
  char* begin = nullptr;
  const auto size = BIO_get_mem_data(text.get(), &begin);
  return {begin, static_cast<std::size_t>(size)};
}

std::string fingerprint_of(const X509* certificate) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned size = 0;
  if (X509_digest(certificate, EVP_sha256(), hash.data(), &size) != 1)
    throw std::bad_alloc{};
  std::string result;
  for (const auto byte : std::span{hash}.first(size))
    result.append({digits[byte >> 4U], digits[byte & 0xFU]});
  return result;
}

} // namespace

tls_stream::tls_stream(ssl_ptr session, unique_fd socket, std::shared_ptr<const void> identity)
    : identity_{std::move(identity)}, socket_{std::move(socket)}, session_{std::move(session)} {
  auto* bio = BIO_new(bio_method());
  if (!bio)
    throw std::bad_alloc{};
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(session_.get(), bio, bio); // takes ownership of the BIO
}

tls_stream::~tls_stream() {
  if (loop_)
    unwatch(*loop_, *owner_);
}

int tls_stream::receive(char* target, int size) noexcept {
  if (!std::exchange(may_receive_, false))
    return -1;
  const auto received = ::recv(socket_.get(), target, static_cast<std::size_t>(size), 0);
  if (received >= 0) {
    peer_ended_ = received == 0;
    return static_cast<int>(received);
  }
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
    return -1;
  failure_ = std::error_code{errno, std::system_category()};
  return 0; // not retryable
}

int tls_stream::transmit(const char* source, int size) noexcept {
  if (has_closed_ || failure_to_write_)
    return size; // a response to a key update (RFC 8446, 4.6.3) is pointless after close_notify; OpenSSL goes on reading
  ssize_t taken = 0;
  if (pending_.empty()) {
    taken = ::send(socket_.get(), source, static_cast<std::size_t>(size), send_flags());
    if (taken < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
      fail_write(errno);
      return size;
    }
  }
  const auto rest = std::as_bytes(std::span{source, static_cast<std::size_t>(size)})
                        .subspan(static_cast<std::size_t>(std::max<ssize_t>(taken, 0)));
  pending_.insert(pending_.end(), rest.begin(), rest.end());
  return size;
}

void tls_stream::fail_write(int error) noexcept {
  failure_to_write_ = std::error_code{error, std::system_category()};
  decltype(pending_){}.swap(pending_); // frees the memory, which an assignment would keep
  sent_ = 0;
}

io_result tls_stream::discard(std::span<std::byte> target) noexcept {
  const auto received = ::recv(socket_.get(), target.data(), target.size(), 0);
  if (received == 0)
    return {io_result::outcome::end};
  if (received > 0 || errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
    return {io_result::outcome::would_block};
  return {io_result::outcome::failed, 0, std::error_code{errno, std::system_category()}};
}

io_result tls_stream::read(std::span<std::byte> target) noexcept {
  if (failure_ && shut_)
    return discard(target);
  may_receive_ = true;
  more_ = false;
  std::size_t size = 0;
  while (size < target.size() && !is_broken() && !has_excess_pending()) {
    std::size_t part = 0;
    ERR_clear_error();
    if (const int result = SSL_read_ex(session_.get(), target.data() + size, target.size() - size, &part); result != 1) {
      record_error(result);
      break;
    }
    size += part;
    if (SSL_has_pending(session_.get()) == 0) // another attempt would only find that out, for thousands of instructions
      break;
  }
  may_receive_ = false;
  has_received_ = has_received_ || size > 0;
  more_ = (size > 0 && is_broken()) || ((size == target.size() || has_excess_pending()) && SSL_has_pending(session_.get()) == 1);
  update_watch();
  if (size > 0)
    return {io_result::outcome::done, size};
  if (failure_)
    return {io_result::outcome::failed, 0, failure_};
  if (ended_ && failure_to_write_ && SSL_is_init_finished(session_.get()) != 1)
    return {io_result::outcome::failed, 0, failure_to_write_};
  return {ended_ ? io_result::outcome::end : io_result::outcome::would_block};
}

io_result tls_stream::write(std::span<const iovec> source) noexcept {
  if (encrypted_ > 0)
    send_pending();
  else if (!write_failure())
    encrypt(source);
  const auto failure = write_failure();
  if (!failure && encrypted_ > 0 && pending_.empty())
    return {io_result::outcome::done, std::exchange(encrypted_, 0)};
  update_watch();
  return failure ? io_result{io_result::outcome::failed, 0, failure} : io_result{io_result::outcome::would_block};
}

io_result tls_stream::write_last(std::span<const iovec> source) noexcept {
  last_ = true;
  const auto result = write(source);
  last_ = false;
  return result;
}

/// Why nothing can be written any more.
std::optional<std::error_code> tls_stream::write_failure() const noexcept {
  if (failure_to_write_)
    return failure_to_write_;
  if (!failure_ && ended_ && SSL_is_init_finished(session_.get()) != 1) // and never will be
    return std::make_error_code(std::errc::broken_pipe);
  return failure_;
}

/// Encrypts the first bytes of `source` as one record.
void tls_stream::encrypt(std::span<const iovec> source) noexcept {
  std::array<std::byte, record_size> gathered;
  const void* bytes = source[0].iov_base;
  auto size = std::min(source[0].iov_len, record_size);
  if (size < record_size && source.size() > 1) {
    size = 0;
    for (const auto& piece : source) {
      const auto part = std::min(piece.iov_len, record_size - size);
      std::memcpy(gathered.data() + size, piece.iov_base, part);
      size += part;
    }
    bytes = gathered.data();
  }
  ERR_clear_error();
  if (const int result = SSL_write_ex(session_.get(), bytes, size, &encrypted_); result != 1) {
    encrypted_ = 0;
    record_error(result);
  }
}

std::optional<harpia::peer_certificate> tls_stream::peer_certificate() const {
  auto* certificate = SSL_get0_peer_certificate(session_.get());
  if (!certificate || !has_received_ || SSL_get_verify_result(session_.get()) != X509_V_OK)
    return std::nullopt;
  return harpia::peer_certificate{
      printed([&](BIO* to) { return X509_NAME_print_ex(to, X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253); }),
      fingerprint_of(certificate), printed([&](BIO* to) { return PEM_write_bio_X509(to, certificate) == 1 ? 1 : -1; })};
}

net::socket_state tls_stream::socket_state() const noexcept {
  auto state = state_of(socket_.get());
  state.unsent += pending_.size() - sent_;
  return state;
}

void tls_stream::shutdown_write() noexcept {
  if (std::exchange(shut_, true))
    return;
  if (!failure_ && SSL_is_init_finished(session_.get()) == 1) {
    SSL_shutdown(session_.get()); // sends close_notify; does not wait for the peer's
    has_closed_ = true;
  }
  ERR_clear_error();
  send_pending();
  update_watch();
}

void tls_stream::watch(event_loop& loop, io_handler& owner, interest wanted) {
  owner_ = &owner;
  wanted_ = wanted;
  if (!loop_) {
    loop.add(socket_.get(), *this, watched_ = socket_interest());
    loop_ = &loop;
    if (SSL_is_server(session_.get()) == 0)
      continue_handshake(); // the client starts the handshake
  }
  update_watch();
}

void tls_stream::unwatch(event_loop& loop, io_handler&) noexcept {
  if (!std::exchange(loop_, nullptr))
    return;
  loop.forget(*this);
  loop.remove(socket_.get());
}

void tls_stream::on_io(interest ready) {
  const bool hung_up = wants(ready, interest::readable) && !wants(watched_, interest::readable);
  if (wants(ready, interest::writable))
    send_pending();
  if (SSL_is_init_finished(session_.get()) != 1 && !is_broken()) {
    may_receive_ = true;
    continue_handshake();
    may_receive_ = false;
    if (SSL_is_init_finished(session_.get()) == 1)
      ready = interest::both; // the owner's reads and writes can proceed
  }
  if (!is_broken() && SSL_is_init_finished(session_.get()) != 1)
    return update_watch();
  auto ready_for_owner = interest::none;
  if (wants(wanted_, interest::readable) ? wants(ready, interest::readable) || ended_ : hung_up)
    ready_for_owner = ready_for_owner | interest::readable;
  if (wants(wanted_, interest::writable) && wants(ready, interest::writable) && pending_.empty())
    ready_for_owner = ready_for_owner | interest::writable;
  notify_owner(ready_for_owner);
}

// Reports what the socket no longer reports: buffered bytes, the end of the stream, or a failure.
void tls_stream::on_flush() {
  notify_owner(wants(wanted_, interest::readable) ? interest::readable : interest::none);
}

/// Calls the owner, which may destroy this stream: no member is touched after the call.
void tls_stream::notify_owner(interest ready) {
  if (failure_)
    ready = ready | interest::readable;
  update_watch();
  if (ready != interest::none)
    owner_->on_io(ready);
}

void tls_stream::continue_handshake() noexcept {
  ERR_clear_error();
  if (const int result = SSL_do_handshake(session_.get()); result != 1)
    record_error(result);
  if (!failure_to_write_ || SSL_is_init_finished(session_.get()) == 1 || is_broken())
    return;
  // What the peer sent before it went, such as an alert, is there or never comes.
  may_receive_ = true;
  ERR_clear_error();
  if (const int result = SSL_do_handshake(session_.get()); result != 1)
    record_error(result);
  may_receive_ = false;
  if (!is_broken())
    failure_ = failure_to_write_;
}

/// Updates the stream's state after a failed OpenSSL operation.
void tls_stream::record_error(int result) noexcept {
  if (failure_)
    return; // the socket's error is the cause
  switch (SSL_get_error(session_.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: return;
    case SSL_ERROR_ZERO_RETURN: ended_ = true; return;
    case SSL_ERROR_SYSCALL:
      if (peer_ended_) {
        ended_ = true;
        return;
      }
      break;
    default: break;
  }
  if (const auto cause = ERR_peek_error(); ERR_GET_LIB(cause) == ERR_LIB_SSL && ERR_GET_REASON(cause) == SSL_R_HTTP_REQUEST)
    answer_plain_http();
  const auto verified = SSL_get_verify_result(session_.get());
  const auto error = take_tls_error();
  failure_ = verified == X509_V_OK ? error : certificate_error(verified);
}

void tls_stream::send_pending() noexcept {
  while (sent_ < pending_.size()) {
    const auto taken = ::send(socket_.get(), pending_.data() + sent_, pending_.size() - sent_, send_flags());
    if (taken >= 0) {
      sent_ += static_cast<std::size_t>(taken);
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
      return;
    fail_write(errno);
  }
  decltype(pending_){}.swap(pending_); // as above
  sent_ = 0;
  if (shut_)
    ::shutdown(socket_.get(), SHUT_WR);
}

// With `MSG_MORE`, TCP sends the last bytes together with close_notify, and close_notify together with the FIN.
int tls_stream::send_flags() const noexcept {
  return last_ || shut_ ? MSG_NOSIGNAL | MSG_MORE : MSG_NOSIGNAL;
}

/// Answers a client that speaks plain HTTP to a TLS port, with a plain HTTP response.
void tls_stream::answer_plain_http() noexcept {
  constexpr std::string_view answer =
      "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\nContent-Length: 38\r\n\r\n"
      "400 this port speaks TLS: use https://";
  [[maybe_unused]] const auto sent = ::send(socket_.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
}

bool tls_stream::has_excess_pending() const noexcept {
  return pending_.size() - sent_ > max_pending;
}

interest tls_stream::socket_interest() const noexcept {
  const auto writes = pending_.empty() ? interest::none : interest::writable;
  if (has_excess_pending())
    return writes;
  if (SSL_is_init_finished(session_.get()) != 1 && !is_broken())
    return interest::readable | writes;
  return wanted_ | writes;
}

void tls_stream::update_watch() noexcept {
  if (!loop_)
    return;
  const bool has_event = (more_ && !has_excess_pending()) || ended_;
  if ((failure_ && !shut_) || (has_event && wants(wanted_, interest::readable)))
    loop_->flush_later(*this);
  const auto wanted_of_socket = socket_interest();
  if (wanted_of_socket == watched_)
    return;
  try {
    loop_->modify(socket_.get(), *this, wanted_of_socket);
    watched_ = wanted_of_socket;
  } catch (const std::system_error& refused) {
    failure_ = refused.code();
    loop_->flush_later(*this);
  }
}

} // namespace harpia::inline v0::net
