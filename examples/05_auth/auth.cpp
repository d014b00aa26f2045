// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "auth.hpp"

#include <harpia/actor_middleware.hpp>
#include <harpia/actors.hpp>

#include <caf/all.hpp>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace auth {

namespace {

using namespace std::chrono_literals;

struct session {
  std::string name; // once logged in
  int attempts = 0;
};
using connection = harpia::connection<session>;

/// Name and password of "login NAME PASSWORD"; a password may have spaces.
std::optional<std::pair<std::string, std::string>> parse_login(std::string_view line) {
  constexpr std::string_view command = "login ";
  const auto space = line.find(' ', command.size());
  if (!line.starts_with(command) || space == std::string_view::npos)
    return std::nullopt;
  return std::pair{std::string{line.substr(command.size(), space - command.size())}, std::string{line.substr(space + 1)}};
}

void refuse(connection* self, const std::string& why) {
  self->send(why);
  if (++self->data.attempts == max_attempts)
    self->close(harpia::close_code::policy_violation, "too many attempts");
}

/// The second phase.
caf::behavior logged_in(connection* self) {
  self->send("welcome, " + self->data.name);
  return {[self](const harpia::event::text& line) { self->send(self->data.name + ": " + line.str()); }};
}

/// The first phase. While the directory is asked nothing else is read, so attempts cannot overtake one another.
caf::behavior logging_in(connection* self, const caf::actor& directory) {
  return {
      [self](harpia::event::opened) { self->send("say: login NAME PASSWORD"); },
      [self, directory](const harpia::event::text& line) {
        const auto login = parse_login(line);
        if (!login)
          return refuse(self, "say: login NAME PASSWORD");
        self->request(directory, 5s, login_atom::value, login->first, login->second)
            .await([self, name = login->first](bool is_right) {
              if (!is_right)
                return refuse(self, "no such name and password");
              self->data.name = name;
              self->become(logged_in(self));
            });
      },
      caf::after(patience) >> [self] { self->close(harpia::close_code::policy_violation, "nobody logged in"); },
  };
}

} // namespace

caf::behavior directory(caf::event_based_actor*, const std::vector<user>& users) {
  return {
      [users](const harpia::upgrade_question& question) -> harpia::upgrade_verdict {
        const auto shown = question.request.header("Authorization").value_or("");
        const auto known = std::ranges::find_if(users, [&](const user& each) { return shown == "Bearer " + each.token; });
        if (known == users.end())
          return {.refuse_with = 401, .body = "a token is needed\n"};
        return {.attributes = {{"user", known->name}}};
      },
      [users](login_atom, const std::string& name, const std::string& password) {
        return std::ranges::any_of(users, [&](const user& each) { return each.name == name && each.password == password; });
      },
  };
}

void add_routes(harpia::app& app, const caf::actor& directory) {
  app.use("/token", harpia::ask_about_upgrades(directory, 5s));
  // clang-format off
  app.ws("/token", {
    .open = [](auto& ws) { ws.send("welcome, " + std::string{ws.request().attribute("user")}); },
    .message = [](auto& ws, harpia::message_view line) {
      ws.send(std::string{ws.request().attribute("user")} + ": " + std::string{line.text()});
    },
  });
  // clang-format on
  app.ws<session>("/login", [directory](connection* self) { return logging_in(self, directory); });
}

} // namespace auth
