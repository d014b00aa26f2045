// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/harpia.hpp>

#include <caf/actor.hpp>
#include <caf/atom.hpp>
#include <caf/behavior.hpp>
#include <caf/event_based_actor.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace auth {

inline constexpr int max_attempts = 3;
inline constexpr std::chrono::seconds patience{30}; // with a client that says nothing before it has logged in

struct user {
  std::string name;
  std::string password; // a real directory keeps a hash
  std::string token;
};

/// `(login_atom, std::string name, std::string password)` is answered with whether that is right.
using login_atom = caf::atom_constant<caf::atom("login")>;

/// An actor that knows the users. Besides logins, it decides on upgrades: "Authorization: Bearer TOKEN" lets a request on, with its
/// user's name as attribute "user".
caf::behavior directory(caf::event_based_actor* self, const std::vector<user>& users);

/// Two echoes for known users: "/token" wants a token before the 101, "/login" a name and a password after it.
void add_routes(harpia::app& app, const caf::actor& directory);

} // namespace auth
