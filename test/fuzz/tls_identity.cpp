// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#define OPENSSL_SUPPRESS_DEPRECATED // instead of RAND_METHOD there should be a provider, which is ten times as long

#include "tls_identity.hpp"

#include "input.hpp"

#include "support/counted_memory.hpp"

#include <memory>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <random>
#include <sys/mman.h>
#include <unistd.h>

namespace harpia::fuzz {

namespace {

std::mt19937& numbers() {
  static std::mt19937 all;
  return all;
}

int fill(unsigned char* target, int size) {
  for (int i = 0; i < size; ++i)
    target[i] = static_cast<unsigned char>(numbers()() & 0xFFU);
  return 1;
}

int is_ready() {
  return 1;
}

/// A file in memory, which has no name of its own.
template <class Write>
net::unique_fd memory_file(Write write) {
  net::unique_fd file{::memfd_create("harpia fuzz", MFD_CLOEXEC)};
  const std::unique_ptr<BIO, decltype(&BIO_free)> text{BIO_new(BIO_s_mem()), &BIO_free};
  require(file.get() >= 0 && text && write(text.get()) == 1, "a certificate is written");
  char* begin = nullptr;
  const auto size = BIO_get_mem_data(text.get(), &begin);
  require(::write(file.get(), begin, static_cast<std::size_t>(size)) == size, "a certificate is written");
  return file;
}

std::string path_of(const net::unique_fd& file) {
  return "/proc/self/fd/" + std::to_string(file.get());
}

X509* signed_certificate(const char* common_name, EVP_PKEY* key) {
  auto* made = X509_new();
  auto* name = X509_get_subject_name(made);
  auto* authority = X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, "critical,CA:TRUE");
  const bool good =
      X509_set_version(made, X509_VERSION_3) == 1 && ASN1_INTEGER_set(X509_get_serialNumber(made), 1) == 1
      && ASN1_TIME_set_string_X509(X509_getm_notBefore(made), "20000101000000Z") == 1
      && ASN1_TIME_set_string_X509(X509_getm_notAfter(made), "99991231235959Z") == 1
      && X509_NAME_add_entry_by_NID(
             name, NID_commonName, MBSTRING_ASC, reinterpret_cast<unsigned char*>(const_cast<char*>(common_name)), -1, -1, 0)
             == 1
      && X509_set_issuer_name(made, name) == 1 && X509_set_pubkey(made, key) == 1 && X509_add_ext(made, authority, -1) == 1
      && X509_sign(made, key, EVP_sha256()) > 0;
  require(good, "a certificate is made");
  X509_EXTENSION_free(authority);
  return made;
}

} // namespace

void have_openssl_counted() {
  const auto allocate = [](std::size_t size, const char*, int) { return test::counted_allocate(size); };
  const auto reallocate = [](void* memory, std::size_t size, const char*, int) { return test::counted_reallocate(memory, size); };
  const auto release = [](void* memory, const char*, int) { test::counted_release(memory); };
  require(CRYPTO_set_mem_functions(allocate, reallocate, release) == 1, "OpenSSL has not begun yet");
}

void make_openssl_predictable() {
  static const RAND_METHOD method{nullptr, fill, nullptr, nullptr, fill, is_ready};
  require(RAND_set_rand_method(&method) == 1, "OpenSSL takes other random numbers");
  numbers().seed();
}

tls_identity::tls_identity(const char* common_name) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{EVP_EC_gen("P-256"), &EVP_PKEY_free};
  const std::unique_ptr<X509, decltype(&X509_free)> cert{signed_certificate(common_name, key.get()), &X509_free};
  cert_file_ = memory_file([&](BIO* to) { return PEM_write_bio_X509(to, cert.get()); });
  key_file_ =
      memory_file([&](BIO* to) { return PEM_write_bio_PrivateKey(to, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
  cert_path_ = path_of(cert_file_);
  key_path_ = path_of(key_file_);
}

} // namespace harpia::fuzz
