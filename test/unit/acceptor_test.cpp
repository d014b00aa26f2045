// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "net/acceptor.hpp"

#include "support/temporary_folder.hpp"

#include <arpa/inet.h>
#include <boost/test/unit_test.hpp>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <poll.h>
#include <string>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>
#include <utility>

namespace net = harpia::net;
using harpia::test::temporary_folder;
using net::accept_outcome;
using net::unique_fd;

namespace {

harpia::listen_options loopback(std::uint16_t port = 0) {
  return {.port = port, .hostname = "127.0.0.1"};
}

harpia::listen_options at_path(const std::string& path) {
  return {.unix = path};
}

unique_fd connect_tcp(std::uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  unique_fd client{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  BOOST_REQUIRE(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  return client;
}

sockaddr_un unix_address(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

unique_fd connect_unix(const std::string& path) {
  const auto address = unix_address(path);
  unique_fd client{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  BOOST_REQUIRE(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  return client;
}

/// Leaves a socket file that nobody listens on, as a process that was killed does.
void leave_stale_socket(const std::string& path) {
  const auto address = unix_address(path);
  const unique_fd socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  BOOST_REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
}

void wait_readable(int fd) {
  pollfd entry{fd, POLLIN, 0};
  BOOST_REQUIRE(::poll(&entry, 1, 10'000) == 1);
}

/// The error that listening ends with.
std::system_error refusal(const harpia::listen_options& options) {
  try {
    const net::acceptor acceptor{options};
  } catch (const std::system_error& error) {
    return error;
  }
  BOOST_FAIL("listening did not fail");
  std::abort();
}

bool has_flag(int fd, int get, int flag) {
  return (::fcntl(fd, get) & flag) != 0;
}

/// Takes all free descriptors away for a while.
class descriptor_famine {
public:
  descriptor_famine() {
    BOOST_REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
    auto none = before_;
    none.rlim_cur = 0;
    BOOST_REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  }
  descriptor_famine(const descriptor_famine&) = delete;
  descriptor_famine& operator=(const descriptor_famine&) = delete;
  ~descriptor_famine() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
  rlimit before_ = {};
};

} // namespace

BOOST_AUTO_TEST_SUITE(acceptor)

BOOST_AUTO_TEST_CASE(port_0_picks_one_and_tells) {
  const net::acceptor acceptor{loopback()};
  BOOST_TEST(acceptor.port() != 0);
  BOOST_TEST(acceptor.address() == "127.0.0.1:" + std::to_string(acceptor.port()));
}

BOOST_AUTO_TEST_CASE(the_socket_neither_blocks_nor_is_inherited) {
  const net::acceptor acceptor{loopback()};
  BOOST_TEST(has_flag(acceptor.fd(), F_GETFL, O_NONBLOCK));
  BOOST_TEST(has_flag(acceptor.fd(), F_GETFD, FD_CLOEXEC));
}

BOOST_AUTO_TEST_CASE(an_idle_acceptor_would_block) {
  net::acceptor acceptor{loopback()};
  BOOST_TEST(!acceptor.has_waiting());
  const auto result = acceptor.accept();
  BOOST_TEST((result.outcome == accept_outcome::would_block));
  BOOST_TEST(!result.socket);
}

BOOST_AUTO_TEST_CASE(accepts_a_tcp_connection) {
  net::acceptor acceptor{loopback()};
  const auto client = connect_tcp(acceptor.port());
  wait_readable(acceptor.fd());
  BOOST_TEST(acceptor.has_waiting());
  const auto result = acceptor.accept();
  BOOST_TEST(!acceptor.has_waiting());
  BOOST_REQUIRE((result.outcome == accept_outcome::accepted));
  BOOST_TEST(!result.error);
  BOOST_TEST(result.remote_address == "127.0.0.1");
  BOOST_TEST(has_flag(result.socket.get(), F_GETFL, O_NONBLOCK));
  BOOST_TEST(has_flag(result.socket.get(), F_GETFD, FD_CLOEXEC));
  int no_delay = 0;
  socklen_t size = sizeof no_delay;
  BOOST_REQUIRE(::getsockopt(result.socket.get(), IPPROTO_TCP, TCP_NODELAY, &no_delay, &size) == 0);
  BOOST_TEST(no_delay != 0);
  BOOST_TEST((acceptor.accept().outcome == accept_outcome::would_block));
}

BOOST_AUTO_TEST_CASE(a_host_name_is_resolved) {
  const net::acceptor acceptor{harpia::listen_options{.port = 0, .hostname = "localhost"}};
  BOOST_TEST(acceptor.port() != 0);
}

BOOST_AUTO_TEST_CASE(an_ipv6_address_is_shown_in_brackets) {
  std::optional<net::acceptor> acceptor;
  try {
    acceptor.emplace(harpia::listen_options{.port = 0, .hostname = "::1"});
  } catch (const std::system_error& error) {
    BOOST_TEST_MESSAGE("no IPv6 here: " << error.what());
    return;
  }
  BOOST_TEST(acceptor->address() == "[::1]:" + std::to_string(acceptor->port()));
}

BOOST_AUTO_TEST_CASE(an_ipv4_peer_of_an_ipv6_socket_is_shown_as_ipv4) {
  std::optional<net::acceptor> acceptor;
  try {
    // The mapped form of 127.0.0.1: dual-stack like "::", but reachable over loopback only.
    acceptor.emplace(harpia::listen_options{.port = 0, .hostname = "::ffff:127.0.0.1"});
  } catch (const std::system_error& error) {
    BOOST_TEST_MESSAGE("no IPv6 here: " << error.what());
    return;
  }
  const auto client = connect_tcp(acceptor->port());
  wait_readable(acceptor->fd());
  BOOST_TEST(acceptor->accept().remote_address == "127.0.0.1");
}

BOOST_AUTO_TEST_CASE(a_port_in_use_is_named) {
  const net::acceptor first{loopback()};
  const auto error = refusal(loopback(first.port()));
  BOOST_TEST(error.what() == "Cannot listen on 127.0.0.1:" + std::to_string(first.port()) + ": Address already in use");
  BOOST_TEST((error.code() == std::errc::address_in_use));
}

BOOST_AUTO_TEST_CASE(a_port_is_shared_when_both_ask_for_it) {
  auto options = loopback();
  options.reuse_port = harpia::reuse_port::yes;
  const net::acceptor first{options};
  options.port = first.port();
  const net::acceptor second{options};
  BOOST_TEST(second.port() == first.port());
}

BOOST_AUTO_TEST_CASE(a_bad_host_is_named) {
  // An interface that does not exist: refused without asking a name server.
  const std::string what = refusal({.port = 80, .hostname = "::1%nowhere"}).what();
  BOOST_TEST(what.starts_with("Cannot listen on [::1%nowhere]:80: "));
}

BOOST_AUTO_TEST_CASE(a_destroyed_acceptor_frees_its_port_at_once) {
  std::optional<net::acceptor> first{std::in_place, loopback()};
  const auto port = first->port();
  first.reset();
  const net::acceptor second{loopback(port)};
  BOOST_TEST(second.port() == port);
}

BOOST_AUTO_TEST_CASE(without_descriptors_it_is_exhausted_and_recovers) {
  net::acceptor acceptor{loopback()};
  const auto client = connect_tcp(acceptor.port());
  wait_readable(acceptor.fd());
  auto starved = net::accept_result{};
  {
    const descriptor_famine famine;
    starved = acceptor.accept();
  }
  BOOST_TEST((starved.outcome == accept_outcome::exhausted));
  BOOST_TEST((starved.error == std::errc::too_many_files_open));
  BOOST_TEST((acceptor.accept().outcome == accept_outcome::accepted));
}

BOOST_AUTO_TEST_CASE(a_moved_acceptor_goes_on) {
  const temporary_folder folder;
  const auto path = folder.file("s");
  net::acceptor first{at_path(path)};
  net::acceptor second{std::move(first)};
  BOOST_TEST(second.address() == path);
  {
    auto other = net::acceptor{at_path(folder.file("other"))};
    other = std::move(second);
    BOOST_TEST(other.address() == path);
    BOOST_TEST(std::filesystem::exists(path));
  }
  BOOST_TEST(!std::filesystem::exists(path));
}

BOOST_AUTO_TEST_CASE(a_unix_socket_lives_as_long_as_its_acceptor) {
  const temporary_folder folder;
  const auto path = folder.file("s");
  {
    net::acceptor acceptor{at_path(path)};
    BOOST_TEST(acceptor.port() == 0);
    BOOST_TEST(acceptor.address() == path);
    const auto client = connect_unix(path);
    const auto result = acceptor.accept();
    BOOST_TEST((result.outcome == accept_outcome::accepted));
    BOOST_TEST(result.remote_address.empty());
  }
  BOOST_TEST(!std::filesystem::exists(path));
}

BOOST_AUTO_TEST_CASE(a_stale_unix_socket_is_replaced) {
  const temporary_folder folder;
  const auto path = folder.file("s");
  leave_stale_socket(path);
  net::acceptor acceptor{at_path(path)};
  const auto client = connect_unix(path);
  BOOST_TEST((acceptor.accept().outcome == accept_outcome::accepted));
}

BOOST_AUTO_TEST_CASE(a_unix_socket_in_use_is_left_alone_and_named) {
  const temporary_folder folder;
  const auto path = folder.file("s");
  net::acceptor acceptor{at_path(path)};
  const std::string what = refusal(at_path(path)).what();
  BOOST_TEST(what == "Cannot listen on " + path + ": Address already in use");
  BOOST_TEST(std::filesystem::exists(path));
}

BOOST_AUTO_TEST_CASE(a_file_that_is_no_socket_is_never_removed) {
  const temporary_folder folder;
  const auto path = folder.file("precious");
  std::ofstream{path} << "data";
  BOOST_TEST((refusal(at_path(path)).code() == std::errc::address_in_use));
  BOOST_TEST(std::filesystem::file_size(path) == 4u);
}

BOOST_AUTO_TEST_CASE(a_socket_file_of_somebody_else_is_not_removed) {
  const temporary_folder folder;
  const auto path = folder.file("s");
  std::optional<net::acceptor> first{std::in_place, at_path(path)};
  std::filesystem::remove(path);
  const net::acceptor second{at_path(path)};
  first.reset();
  BOOST_TEST(std::filesystem::exists(path));
}

BOOST_AUTO_TEST_CASE(a_path_of_107_bytes_fits_and_a_longer_one_is_refused) {
  const temporary_folder folder;
  auto path = folder.file("s");
  path.resize(107, 's');
  const net::acceptor acceptor{at_path(path)};
  const auto client = connect_unix(path);
  const auto error = refusal(at_path(path + 's'));
  BOOST_TEST((error.code() == std::errc::filename_too_long));
  BOOST_TEST(std::string{error.what()}.find(path + 's') != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_folder_that_does_not_exist_is_named) {
  const temporary_folder folder;
  const auto path = folder.file("missing/s");
  BOOST_TEST(refusal(at_path(path)).what() == "Cannot listen on " + path + ": No such file or directory");
}

BOOST_AUTO_TEST_SUITE_END()
