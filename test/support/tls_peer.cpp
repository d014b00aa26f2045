// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/tls_peer.hpp"

#include <array>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdexcept>

namespace harpia::test {

namespace {

SSL_CTX* context() {
  static const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> shared{SSL_CTX_new(TLS_client_method()), &SSL_CTX_free};
  return shared.get();
}

} // namespace

tls_peer::tls_peer(const tls_peer_options& options)
    : tls_{SSL_new(context()), &SSL_free}, in_{BIO_new(BIO_s_mem())}, out_{BIO_new(BIO_s_mem())} {
  BIO_set_mem_eof_return(in_, -1); // there may come more
  SSL_set_bio(tls_.get(), in_, out_);
  SSL_set_connect_state(tls_.get());
  bool good = SSL_set_max_proto_version(tls_.get(), options.max_version) == 1;
  if (!options.cert.empty())
    good = good && SSL_use_certificate_file(tls_.get(), options.cert.c_str(), SSL_FILETYPE_PEM) == 1
           && SSL_use_PrivateKey_file(tls_.get(), options.key.c_str(), SSL_FILETYPE_PEM) == 1;
  if (options.session)
    good = good && SSL_set_session(tls_.get(), options.session.get()) == 1;
  if (!good)
    throw std::runtime_error{"tls_peer: OpenSSL does not take the options"};
}

std::string tls_peer::receive(std::string_view bytes) {
  if (!bytes.empty())
    BIO_write(in_, bytes.data(), static_cast<int>(bytes.size()));
  std::string text;
  std::array<char, 16384> part;
  std::size_t size = 0;
  while (SSL_read_ex(tls_.get(), part.data(), part.size(), &size) == 1)
    text.append(part.data(), size);
  ERR_clear_error();
  return text;
}

std::string tls_peer::take_records() {
  char* begin = nullptr;
  const auto size = BIO_get_mem_data(out_, &begin);
  std::string records{begin, static_cast<std::size_t>(size)};
  BIO_reset(out_);
  return records;
}

bool tls_peer::say(std::string_view text) {
  if (!is_connected() || (SSL_get_shutdown(tls_.get()) & SSL_SENT_SHUTDOWN) != 0)
    return false;
  std::size_t written = 0;
  const bool said = SSL_write_ex(tls_.get(), text.data(), text.size(), &written) == 1;
  ERR_clear_error();
  return said;
}

void tls_peer::update_keys(key_update how) {
  if (SSL_version(tls_.get()) == TLS1_3_VERSION
      && SSL_key_update(tls_.get(), how == key_update::asking ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED) == 1)
    SSL_do_handshake(tls_.get());
  ERR_clear_error();
}

void tls_peer::renegotiate() {
  if (SSL_renegotiate(tls_.get()) == 1)
    SSL_do_handshake(tls_.get());
  ERR_clear_error();
}

void tls_peer::close() {
  if (is_connected())
    SSL_shutdown(tls_.get());
  ERR_clear_error();
}

bool tls_peer::is_connected() const noexcept {
  return SSL_is_init_finished(tls_.get()) == 1;
}

bool tls_peer::has_heard_the_end() const noexcept {
  return (SSL_get_shutdown(tls_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

bool tls_peer::has_resumed() const noexcept {
  return SSL_session_reused(tls_.get()) == 1;
}

std::shared_ptr<ssl_session_st> tls_peer::session() const {
  return {SSL_get1_session(tls_.get()), &SSL_SESSION_free};
}

} // namespace harpia::test
