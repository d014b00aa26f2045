// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "net/service_manager.hpp"

#include "support/service_manager.hpp"
#include "support/temporary_folder.hpp"

#include "net/acceptor.hpp"

#include <boost/test/unit_test.hpp>
#include <fcntl.h>
#include <filesystem>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace net = harpia::net;
using harpia::test::environment;
using harpia::test::temporary_folder;
using manager = harpia::test::service_manager;
using net::unique_fd;

namespace {

/// As a service manager hands a socket over: at a number that is agreed on. High, as the low ones are in use in a test.
struct handed_over {
  static constexpr unsigned index = 497;

  explicit handed_over(unique_fd socket) { BOOST_REQUIRE(::dup2(socket.get(), 3 + static_cast<int>(index)) >= 0); }

  environment pid{"LISTEN_PID", std::to_string(::getpid())};
  environment count{"LISTEN_FDS", std::to_string(index + 1)};
};

unique_fd listening_on_loopback() {
  unique_fd socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  BOOST_REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  BOOST_REQUIRE(::listen(socket.get(), 8) == 0);
  return socket;
}

std::string refusal(unsigned index) {
  try {
    net::acceptor{{.service_socket = index}};
  } catch (const std::system_error& refused) {
    return refused.what();
  }
  return "(nothing was thrown)";
}

} // namespace

BOOST_AUTO_TEST_SUITE(service_manager)

BOOST_AUTO_TEST_CASE(a_manager_is_told) {
  const temporary_folder folder;
  const manager listening{folder.file("notify")};
  const environment where{"NOTIFY_SOCKET", folder.file("notify")};
  BOOST_TEST(net::notify_service_manager("READY=1"));
  BOOST_TEST(listening.heard() == "READY=1");
  BOOST_TEST(listening.heard() == "(nothing)");
}

BOOST_AUTO_TEST_CASE(a_manager_whose_socket_is_no_file_is_told) {
  const auto name = "@harpia-test-" + std::to_string(::getpid());
  const manager listening{name};
  const environment where{"NOTIFY_SOCKET", name};
  BOOST_TEST(net::notify_service_manager("STOPPING=1"));
  BOOST_TEST(listening.heard() == "STOPPING=1");
}

BOOST_AUTO_TEST_CASE(without_a_manager_nobody_is_told) {
  BOOST_TEST(!net::notify_service_manager("READY=1"));
  for (const std::string bad : {"", "/", "relative", "/no/such/socket"}) {
    const environment where{"NOTIFY_SOCKET", bad};
    BOOST_TEST(!net::notify_service_manager("READY=1"));
  }
  const environment where{"NOTIFY_SOCKET", "/" + std::string(200, 'x')};
  BOOST_TEST(!net::notify_service_manager("READY=1"));
}

BOOST_AUTO_TEST_CASE(a_socket_that_was_handed_over_is_listened_on) {
  const handed_over given{listening_on_loopback()};
  net::acceptor acceptor{{.service_socket = handed_over::index}};
  BOOST_TEST(acceptor.port() != 0);
  BOOST_TEST(acceptor.address() == "127.0.0.1:" + std::to_string(acceptor.port()));
  BOOST_TEST((::fcntl(acceptor.fd(), F_GETFL) & O_NONBLOCK) != 0);
  BOOST_TEST((::fcntl(acceptor.fd(), F_GETFD) & FD_CLOEXEC) != 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(acceptor.port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const unique_fd client{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  BOOST_REQUIRE(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  const auto accepted = acceptor.accept();
  BOOST_TEST((accepted.outcome == net::accept_outcome::accepted));
  BOOST_TEST(accepted.remote_address == "127.0.0.1");
}

BOOST_AUTO_TEST_CASE(the_file_of_a_unix_socket_that_was_handed_over_stays) {
  const temporary_folder folder;
  const auto path = folder.file("socket");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  unique_fd socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  BOOST_REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  BOOST_REQUIRE(::listen(socket.get(), 8) == 0);
  {
    const handed_over given{std::move(socket)};
    net::acceptor acceptor{{.service_socket = handed_over::index}};
    BOOST_TEST(acceptor.address() == path);
    BOOST_TEST(acceptor.port() == 0);
  }
  BOOST_TEST(std::filesystem::exists(path)); // the manager's
}

BOOST_AUTO_TEST_CASE(a_socket_is_handed_over_once_and_to_its_process_only) {
  {
    const handed_over given{listening_on_loopback()};
    const net::acceptor acceptor{{.service_socket = handed_over::index}};
  }
  const auto none = "Cannot listen on the service manager's socket 497: Bad file descriptor";
  BOOST_TEST(refusal(497) == none); // no variables
  const handed_over again{listening_on_loopback()};
  {
    const environment other{"LISTEN_PID", std::to_string(::getppid())};
    BOOST_TEST(refusal(497) == none);
  }
  ::close(3 + static_cast<int>(handed_over::index)); // nobody took it
}

BOOST_AUTO_TEST_CASE(a_socket_that_does_not_listen_is_refused) {
  const handed_over given{unique_fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)}};
  BOOST_TEST(refusal(handed_over::index) == "Cannot listen on the service manager's socket 497: Invalid argument");
}

BOOST_AUTO_TEST_SUITE_END()
