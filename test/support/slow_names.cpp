// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/slow_names.hpp"

#include <condition_variable>
#include <dlfcn.h>
#include <mutex>
#include <netdb.h>
#include <string_view>

namespace harpia::test {

namespace {

struct state {
  std::mutex mutex;
  std::condition_variable changed;
  bool blocks = false;
  int asking = 0;
  int asked = 0;
};

// Never destroyed: threads of the resolver may outlive main.
state& shared() {
  static auto* const one = new state;
  return *one;
}

bool is_slow(const char* name) {
  return name && std::string_view{name}.ends_with(".slow.test");
}

void wait_until_released() {
  auto& of = shared();
  std::unique_lock lock{of.mutex};
  ++of.asking;
  ++of.asked;
  of.changed.notify_all();
  of.changed.wait(lock, [&] { return !of.blocks; });
  --of.asking;
  of.changed.notify_all();
}

} // namespace

slow_names::slow_names() {
  const std::scoped_lock lock{shared().mutex};
  shared().blocks = true;
  shared().asked = 0;
}

slow_names::~slow_names() {
  std::unique_lock lock{shared().mutex};
  shared().blocks = false;
  shared().changed.notify_all();
  shared().changed.wait(lock, [] { return shared().asking == 0; });
}

int slow_names::asking() const {
  const std::scoped_lock lock{shared().mutex};
  return shared().asking;
}

int slow_names::asked() const {
  const std::scoped_lock lock{shared().mutex};
  return shared().asked;
}

} // namespace harpia::test

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** found) {
  static const auto original = reinterpret_cast<decltype(&::getaddrinfo)>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  if (node && std::string_view{node} == "localhost.") // which /etc/hosts does not have, and not every name server knows
    node = "localhost";
  if (node && std::string_view{node} == "two.addresses.test") {
    addrinfo* more = nullptr;
    if (original("127.0.0.1", service, hints, found) != 0 || original("127.0.0.2", service, hints, &more) != 0)
      return EAI_FAIL;
    (*found)->ai_next = more; // freeaddrinfo frees one after the other
    return 0;
  }
  const bool asks_for_name = !hints || (hints->ai_flags & AI_NUMERICHOST) == 0;
  if (!harpia::test::is_slow(node) || !asks_for_name)
    return original(node, service, hints, found);
  harpia::test::wait_until_released();
  return original("127.0.0.1", service, hints, found);
}
