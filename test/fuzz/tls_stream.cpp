// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "net/tls_context.hpp"

#include "input.hpp"
#include "tls_conversation.hpp"
#include "tls_identity.hpp"

#include <array>
#include <memory>
#include <openssl/ssl.h>
#include <vector>

// A real client of TLS, or bytes that are none, before a server's stream. Whatever happens on the way, each end hears what the other said,
// from its beginning and without gaps, and the stream comes to its end or fails. If nothing happened, everything is heard.

using harpia::client_certificate;
using harpia::fuzz::tls_identity;
namespace net = harpia::net;

namespace {

struct server {
  explicit server(const harpia::tls_options& options)
      : min_version{options.min_version}, certificate{options.client_certificate}, tls{options} {}

  harpia::tls_version min_version;
  client_certificate certificate;
  net::tls_server tls;
};

struct machine {
  machine() {
    const harpia::tls_options usual{.cert = known.cert_path(), .key = known.key_path()};
    auto asking = usual;
    asking.ca = known.cert_path();
    asking.client_certificate = client_certificate::optional;
    auto requiring = asking;
    requiring.client_certificate = client_certificate::required;
    auto newest = usual;
    newest.min_version = harpia::tls_version::tls_1_3;
    for (const auto& options : {usual, asking, requiring, newest})
      servers.push_back(std::make_unique<server>(options));
  }

  tls_identity known{"known"}; // to itself: it is the servers', and of a client whom they know
  tls_identity stranger{"stranger"};
  std::vector<std::unique_ptr<server>> servers;
};

const machine& the_machine() {
  static const auto made = [] {
    harpia::fuzz::have_openssl_counted();
    harpia::fuzz::make_openssl_predictable();
    return std::make_unique<const machine>();
  }();
  harpia::fuzz::make_openssl_predictable();
  return *made;
}

/// What the first three bytes of an input choose.
struct choice {
  choice(harpia::fuzz::input& in, const machine& all) {
    constexpr std::array<std::size_t, 4> read_sizes{net::event_loop::read_buffer_size, 16384, 1000, 1};
    constexpr std::array<std::size_t, 4> piece_sizes{65536, 2000, 100, 1};
    const std::array<const tls_identity*, 3> identities{nullptr, &all.known, &all.stranger};
    const unsigned who = in.byte();   // bits: raw, version, two of the server, two of the identity, resumption, narrow socket
    const unsigned sizes = in.byte(); // bits: two of reads, two of pieces
    const auto& server = *all.servers[who / 4 % 4];
    const auto* identity = identities[who / 16 % 4 % identities.size()];
    raw = (who & 1U) != 0;
    resumes = (who & 64U) != 0;
    const bool is_old = (who & 2U) != 0;
    const bool is_asked = server.certificate != client_certificate::ignored;
    const bool is_known = identity == &all.known;
    const bool may_be_nobody = server.certificate == client_certificate::optional && !identity;
    setting = {.server = &server.tls,
               .server_takes_client =
                   (!is_asked || is_known || may_be_nobody) && !(is_old && server.min_version == harpia::tls_version::tls_1_3),
               .server_verifies_client = is_asked && is_known,
               .client = {.max_version = is_old ? TLS1_2_VERSION : TLS1_3_VERSION,
                          .cert = identity ? identity->cert_path() : "",
                          .key = identity ? identity->key_path() : ""},
               .read_size = read_sizes[sizes % 4],
               .piece_size = piece_sizes[sizes / 4 % 4],
               .seed = in.byte(),
               .is_narrow = (who & 128U) != 0};
  }

  bool raw = false; ///< the rest of the input is sent as it is
  bool resumes = false;
  harpia::fuzz::tls_setting setting;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  harpia::fuzz::input in{data, size};
  auto [raw, resumes, setting] = choice{in, the_machine()};
  if (raw) {
    harpia::fuzz::tls_conversation{setting}.run_raw(in.rest());
    return 0;
  }
  if (resumes && setting.server_takes_client) {
    harpia::fuzz::tls_conversation first{setting};
    first.run({nullptr, 0});
    setting.client.session = first.client().session();
  }
  harpia::fuzz::tls_conversation{setting}.run(in);
  return 0;
}
