// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "net/tls_context.hpp"
#include <harpia/listen_options.hpp>
#include <harpia/tls_options.hpp>

#include "support/tls_bridge.hpp"

#include <boost/test/unit_test.hpp>
#include <stdexcept>
#include <string>

namespace test = harpia::test;
using harpia::client_certificate;

namespace {

template <class Function>
std::string refusal(Function function) {
  try {
    function();
  } catch (const std::invalid_argument& refused) {
    return refused.what();
  }
  return "(accepted)";
}

std::string refusal_of(const harpia::tls_options& options) {
  return refusal([&] { validate(harpia::listen_options{.tls = options}); });
}

/// What a server says of files that are in the folder of certificates.
std::string refusal_of_files(const std::string& cert, const std::string& key, const std::string& passphrase = {}) {
  return refusal([&] {
    harpia::net::tls_server{{.cert = test::certificate(cert), .key = test::certificate(key), .passphrase = passphrase}};
  });
}

} // namespace

BOOST_AUTO_TEST_SUITE(tls_options)

BOOST_AUTO_TEST_CASE(without_a_certificate_there_is_no_tls) {
  BOOST_TEST(!harpia::tls_options{}.enabled());
  BOOST_TEST(refusal_of({}) == "(accepted)");
}

BOOST_AUTO_TEST_CASE(options_that_contradict_one_another_are_named) {
  BOOST_TEST(refusal_of({.cert = "c"}) == "'tls.cert' needs its 'key'");
  BOOST_TEST(refusal_of({.key = "k"}) == "'tls.key' needs its 'cert'");
  BOOST_TEST(refusal_of({.passphrase = "p"}) == "'tls.passphrase' needs a 'key'");
  BOOST_TEST(refusal_of({.ca = "a"}) == "'tls.ca' needs 'tls.cert'");
  BOOST_TEST(refusal_of({.further = {{.cert = "c", .key = "k"}}}).starts_with("'tls.further' needs 'tls.cert'"));
  BOOST_TEST(refusal_of({.cert = "c", .key = "k", .ca = "a"}).starts_with("'tls.ca' is of no use"));
  BOOST_TEST(refusal_of({.cert = "c", .key = "k", .client_certificate = client_certificate::required})
                 .starts_with("'tls.client_certificate' needs 'tls.ca'"));
  BOOST_TEST(refusal_of({.cert = "c", .key = "k", .further = {{.cert = "d"}}}) == "'tls.further.cert' needs its 'key'");
  BOOST_TEST(refusal_of({.cert = "c", .key = "k", .further = {{}}}) == "a certificate of 'tls.further' has no 'cert'");
  BOOST_TEST(refusal_of({.cert = "c", .key = "k", .ca = "a", .client_certificate = client_certificate::optional})
             == "(accepted)");
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_used_is_named_with_the_reason) {
  const auto missing = refusal_of_files("missing.pem", "server.key");
  BOOST_TEST(missing == "'" + test::certificate("missing.pem") + "' cannot be used: No such file or directory");
  BOOST_TEST(
      refusal_of_files("server.key", "server.key").starts_with("'" + test::certificate("server.key") + "' cannot be used: "));
  BOOST_TEST(
      refusal_of_files("server.pem", "server.pem").starts_with("'" + test::certificate("server.pem") + "' cannot be used: "));
  // OpenSSL looks at whether they belong together as soon as it has both.
  BOOST_TEST(refusal_of_files("server.pem", "other.key").find("other.key' cannot be used: ") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_encrypted_key_needs_its_passphrase) {
  BOOST_TEST(refusal_of_files("server.pem", "locked.key", "open sesame") == "(accepted)");
  BOOST_TEST(refusal_of_files("server.pem", "locked.key", "open barley").find("locked.key' cannot be used") != std::string::npos);
  BOOST_TEST(refusal_of_files("server.pem", "locked.key").find("locked.key' cannot be used")
             != std::string::npos); // and nobody is asked
}

BOOST_AUTO_TEST_CASE(a_passphrase_is_in_no_message) {
  BOOST_TEST(refusal_of_files("server.pem", "locked.key", "hunter2").find("hunter2") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
