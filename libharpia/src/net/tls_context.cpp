// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "net/tls_context.hpp"

#include "net/tls_error.hpp"
#include "net/tls_stream.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <span>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

namespace harpia::inline v0::net {

struct tls_identities {
  struct deleter {
    void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
  };
  using context_ptr = std::unique_ptr<SSL_CTX, deleter>;

  context_ptr first;
  std::vector<context_ptr> further;
};

namespace {

using context_ptr = tls_identities::context_ptr;

// Forward secrecy and authenticated encryption only; TLS 1.3 has nothing else.
constexpr const char* cipher_list = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr std::string_view alpn_http = "\x08http/1.1"; // RFC 7301, 3.1: a length and a name

// Several records of 16 KiB fit, so that one recv reads several. OpenSSL frees the buffer when it is empty.
constexpr std::size_t read_buffer_size = std::size_t{64} << 10;

[[noreturn]] void refuse_file(const std::string& file, const std::string& why) {
  throw std::invalid_argument{"'" + file + "' cannot be used: " + why};
}

[[noreturn]] void refuse_file(const std::string& file) {
  refuse_file(file, take_tls_error().message());
}

/// Without this callback OpenSSL would ask for a passphrase at the terminal.
int give_passphrase(char* target, int size, int, void* data) {
  const auto& passphrase = *static_cast<const std::string*>(data);
  const auto length = std::min(passphrase.size(), static_cast<std::size_t>(size));
  std::memcpy(target, passphrase.data(), length);
  return static_cast<int>(length);
}

int as_openssl(tls_version version) noexcept {
  return version == tls_version::tls_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
}

context_ptr make_context(const SSL_METHOD* side, tls_version min_version) {
  context_ptr context{SSL_CTX_new(side)};
  if (!context || SSL_CTX_set_min_proto_version(context.get(), as_openssl(min_version)) != 1
      || SSL_CTX_set_cipher_list(context.get(), cipher_list) != 1)
    throw std::system_error{take_tls_error(), "OpenSSL"};
  // A WebSocket that ends without a close frame is reported as such, so a missing close_notify needs no error of its own.
  SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE
                                         | SSL_OP_PRIORITIZE_CHACHA | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context.get(), 1);
  SSL_CTX_set_default_read_buffer_len(context.get(), read_buffer_size);
  return context;
}

void use_certificate(SSL_CTX* context, const std::string& cert, const std::string& key, std::string passphrase) {
  ERR_clear_error();
  SSL_CTX_set_default_passwd_cb(context, give_passphrase);
  SSL_CTX_set_default_passwd_cb_userdata(context, &passphrase);
  if (SSL_CTX_use_certificate_chain_file(context, cert.c_str()) != 1)
    refuse_file(cert);
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1)
    refuse_file(key);
  if (SSL_CTX_check_private_key(context) != 1)
    refuse_file(key, "it is not the key of '" + cert + "'");
  SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
  SSL_CTX_set_default_passwd_cb(context, nullptr);
}

void trust(SSL_CTX* context, const std::string& ca) {
  ERR_clear_error();
  if (SSL_CTX_load_verify_file(context, ca.c_str()) != 1)
    refuse_file(ca);
}

// RFC 7301, 3.2: a client that offers protocols, but none that the server supports, gets an alert.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered, unsigned offered_size,
                    void*) {
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, size, reinterpret_cast<const unsigned char*>(alpn_http.data()), alpn_http.size(), offered,
                            offered_size)
      != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

// A name with a final dot is absolute; neither certificates nor SNI have the dot (RFC 6066, 3).
std::string without_final_dot(std::string name) {
  if (name.size() > 1 && name.ends_with('.'))
    name.pop_back();
  return name;
}

bool is_address(const std::string& host) noexcept {
  std::array<unsigned char, sizeof(in6_addr)> parsed{};
  return ::inet_pton(AF_INET, host.c_str(), parsed.data()) == 1 || ::inet_pton(AF_INET6, host.c_str(), parsed.data()) == 1;
}

ssl_ptr make_session(SSL_CTX* context) {
  ssl_ptr session{SSL_new(context)};
  if (!session)
    throw std::system_error{take_tls_error(), "OpenSSL"};
  return session;
}

// RFC 6066, 3: selects the certificate by server name. An unknown name gets the first certificate; the client decides about it.
int choose_certificate(SSL* session, int*, void* data) {
  const auto* name = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name);
  if (!name)
    return SSL_TLSEXT_ERR_NOACK;
  std::string_view wanted{name};
  if (wanted.size() > 1 && wanted.ends_with('.')) // as above, from a client that sends it all the same
    wanted.remove_suffix(1);
  const auto is_for_name = [&](const context_ptr& each) {
    return X509_check_host(SSL_CTX_get0_certificate(each.get()), wanted.data(), wanted.size(), 0, nullptr) == 1;
  };
  const auto& all = *static_cast<const tls_identities*>(data);
  if (const auto found = std::ranges::find_if(all.further, is_for_name); found != all.further.end() && !is_for_name(all.first))
    SSL_set_SSL_CTX(session, found->get());
  return SSL_TLSEXT_ERR_OK;
}

void request_client_certificate(SSL_CTX* context, const tls_options& options) {
  if (options.client_certificate == client_certificate::ignored)
    return;
  trust(context, options.ca);
  SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(options.ca.c_str()));
  const int required = options.client_certificate == client_certificate::required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | required, nullptr);
}

std::shared_ptr<const tls_identities> load(const tls_options& options) {
  const auto make = [&] {
    auto context = make_context(TLS_server_method(), options.min_version);
    SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF); // clients store the tickets
    constexpr std::string_view id = "harpia"; // without it sessions with client certificates are not resumed
    SSL_CTX_set_session_id_context(context.get(), reinterpret_cast<const unsigned char*>(id.data()), id.size());
    request_client_certificate(context.get(), options);
    return context;
  };
  auto made = std::make_shared<tls_identities>();
  made->first = make();
  use_certificate(made->first.get(), options.cert, options.key, options.passphrase);
  for (const auto& each : options.further) {
    made->further.push_back(make());
    use_certificate(made->further.back().get(), each.cert, each.key, each.passphrase);
  }
  SSL_CTX_set_tlsext_servername_callback(made->first.get(), choose_certificate);
  SSL_CTX_set_tlsext_servername_arg(made->first.get(), made.get());
  return made;
}

std::shared_ptr<const tls_identities> load(const client_tls_options& options) {
  auto made = std::make_shared<tls_identities>();
  made->first = make_context(TLS_client_method(), options.min_version);
  auto* context = made->first.get();
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if (!options.ca.empty())
    trust(context, options.ca);
  else if (SSL_CTX_set_default_verify_paths(context) != 1)
    throw std::system_error{take_tls_error(), "OpenSSL"};
  if (!options.cert.empty())
    use_certificate(context, options.cert, options.key, options.passphrase);
  // Returns 0 for success, unlike the other functions.
  if (SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(alpn_http.data()), alpn_http.size()) != 0)
    throw std::bad_alloc{};
  return made;
}

} // namespace

tls_server::tls_server(tls_options options) : options_{std::move(options)}, identities_{load(options_)} {}

tls_server::~tls_server() = default;

void tls_server::reload() {
  auto fresh = load(options_);
  const std::scoped_lock lock{mutex_};
  identities_.swap(fresh); // the old ones are released after the lock
}

std::unique_ptr<byte_stream> tls_server::accept(unique_fd socket) const {
  auto identities = [&] {
    const std::scoped_lock lock{mutex_};
    return identities_;
  }();
  auto session = make_session(identities->first.get());
  SSL_set_accept_state(session.get());
  return std::make_unique<tls_stream>(std::move(session), std::move(socket), std::move(identities));
}

tls_client::tls_client(client_tls_options options) : options_{std::move(options)}, identity_{load(options_)} {}

tls_client::~tls_client() = default;

std::unique_ptr<byte_stream> tls_client::connect(unique_fd socket, const std::string& host) const {
  auto session = make_session(identity_->first.get());
  SSL_set_connect_state(session.get());
  const auto name = without_final_dot(options_.server_name.empty() ? host : options_.server_name);
  bool set = false;
  if (is_address(name)) {
    set = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session.get()), name.c_str()) == 1;
  } else {
    SSL_set_hostflags(session.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    set = SSL_set1_host(session.get(), name.c_str()) == 1 && SSL_set_tlsext_host_name(session.get(), name.c_str()) == 1;
  }
  if (!set)
    throw std::system_error{take_tls_error(), "OpenSSL"};
  return std::make_unique<tls_stream>(std::move(session), std::move(socket), identity_);
}

} // namespace harpia::inline v0::net
