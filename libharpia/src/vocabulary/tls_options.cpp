// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/tls_options.hpp>

#include <stdexcept>

namespace harpia::inline v0 {

namespace {

void refuse_if(bool wrong, const std::string& why) {
  if (wrong)
    throw std::invalid_argument{why};
}

void check_pair(const std::string& cert, const std::string& key, const std::string& passphrase, const std::string& where) {
  refuse_if(!cert.empty() && key.empty(), "'" + where + "cert' needs its 'key'");
  refuse_if(cert.empty() && !key.empty(), "'" + where + "key' needs its 'cert'");
  refuse_if(key.empty() && !passphrase.empty(), "'" + where + "passphrase' needs a 'key'");
}

} // namespace

void validate(const tls_options& options) {
  check_pair(options.cert, options.key, options.passphrase, "tls.");
  refuse_if(!options.enabled() && !options.further.empty(), "'tls.further' needs 'tls.cert', for clients that name no host");
  refuse_if(!options.enabled() && !options.ca.empty(), "'tls.ca' needs 'tls.cert'");
  const bool asks = options.client_certificate != client_certificate::ignored;
  refuse_if(asks && options.ca.empty(), "'tls.client_certificate' needs 'tls.ca', the authorities that may sign one");
  refuse_if(!asks && !options.ca.empty(), "'tls.ca' is of no use while 'tls.client_certificate' is ignored");
  for (const auto& each : options.further) {
    refuse_if(each.cert.empty(), "a certificate of 'tls.further' has no 'cert'");
    check_pair(each.cert, each.key, each.passphrase, "tls.further.");
  }
}

void validate(const client_tls_options& options) {
  check_pair(options.cert, options.key, options.passphrase, "tls.");
}

} // namespace harpia::inline v0
