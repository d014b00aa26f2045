// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
// Laid out for the page of the recipes, which is narrower.
// clang-format off
#include <harpia/actors.hpp>
#include <harpia/harpia.hpp>
#include <harpia/json.hpp>
#include <harpia/pool.hpp>
#include <harpia/testing/world.hpp>

#include <boost/describe.hpp>
#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <latch>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace testing = harpia::testing;

namespace {

using namespace std::chrono_literals;
using strings = std::vector<std::string>;

// [devices]
struct account {
  std::string user;
};

void add_inbox(harpia::app& app) {
  app.ws<account>("/inbox/:user", {
    .open = [](auto& ws) {
      ws.data.user = ws.request().param("user");  // in a server: who has logged in, see below
      ws.subscribe("user/" + ws.data.user);
    },
  });
}
// [devices]

// [kick]
void add_administration(harpia::app& app) {
  app.post("/admin/tell/:user", [&app](const harpia::request& request) {
    app.publish("user/" + std::string{request.param("user")}, request.body());
    return harpia::http_response{.status = 204};
  });
  app.post("/admin/kick/:user", [&app](const harpia::request& request) {
    app.group("user/" + std::string{request.param("user")}).close(harpia::close_code::policy_violation, "kicked");
    return harpia::http_response{.status = 204};
  });
}
// [kick]

// [by_id]
void add_support(harpia::app& app) {
  app.post("/admin/tell/connection/:id", [&app](const harpia::request& request, harpia::http_reply reply) {
    const auto number = request.param("id");
    std::uint64_t id = 0;
    std::from_chars(number.data(), number.data() + number.size(), id);
    app.connection(id, [reply, message = std::string{request.body()}](const harpia::handle& found) {
      const bool is_gone = found.send(message) == harpia::send_status::closed;
      reply.send({.status = is_gone ? 404 : 204});
    });
  });
}
// [by_id]

// [census]
void add_census(harpia::app& app) {
  struct census {
    std::mutex mutex;
    std::multiset<std::string> lines;
  };
  app.get("/admin/connections", [&app](const harpia::request&, harpia::http_reply reply) {
    const auto found = std::make_shared<census>();
    app.for_each_connection(
      [found](harpia::socket_base& ws) {  // on the connection's thread, so on several at once
        auto line = std::string{ws.request().path()} + ' ' + std::to_string(ws.buffered_amount());
        const std::scoped_lock lock{found->mutex};
        found->lines.insert(std::move(line));
      },
      [found, reply] {  // after the last one
        std::string text;
        for (const auto& line : found->lines)
          text += line + '\n';
        reply.send({.body = text});
      });
  });
}
// [census]

// [roster]
using enter_atom = caf::atom_constant<caf::atom("enter")>;
using leave_atom = caf::atom_constant<caf::atom("leave")>;

struct roster_state {
  std::map<std::string, std::multiset<std::string>> rooms;  // a name twice: two devices
};

caf::behavior roster(caf::stateful_actor<roster_state>* self, harpia::app* app) {
  const auto tell = [=](const std::string& room) {
    std::string names = "here:";
    for (const auto& name : self->state.rooms[room])
      names += ' ' + name;
    app->publish(room, names);
  };
  return {
    [=](enter_atom, const std::string& room, const std::string& name) {
      self->state.rooms[room].insert(name);
      tell(room);
    },
    [=](leave_atom, const std::string& room, const std::string& name) {
      auto& names = self->state.rooms[room];
      if (const auto found = names.find(name); found != names.end())
        names.erase(found);
      if (names.empty())
        self->state.rooms.erase(room);
      else
        tell(room);
    },
  };
}

struct guest {
  std::string name;
  std::string room;
};

void add_rooms(harpia::app& app) {
  const auto names = app.system().spawn(roster, &app);
  app.ws<guest>("/rooms/:room", {
    .open = [names](auto& ws) {
      ws.data.name = ws.request().query("name").value_or("somebody");
      ws.data.room = "room/" + std::string{ws.request().param("room")};
      ws.subscribe(ws.data.room);
      ws.self().send(names, enter_atom::value, ws.data.room, ws.data.name);
    },
    .close = [names](auto& ws, harpia::close_code, std::string_view) {
      ws.self().send(names, leave_atom::value, ws.data.room, ws.data.name);
    },
  });
}
// [roster]

// [history]
using say_atom = caf::atom_constant<caf::atom("say")>;
using last_atom = caf::atom_constant<caf::atom("last")>;

struct history_state {
  std::uint64_t said = 0;
  std::deque<std::string> lines;
};

caf::behavior history(caf::stateful_actor<history_state>* self, const harpia::group& room, std::size_t most) {
  return {
    [=](say_atom, const std::string& text) {
      auto& [said, lines] = self->state;
      lines.push_back(std::to_string(++said) + ' ' + text);
      room.publish(lines.back());
      if (lines.size() > most)
        lines.pop_front();
    },
    [=](last_atom) { return std::vector<std::string>(self->state.lines.begin(), self->state.lines.end()); },
  };
}

void add_news(harpia::app& app) {
  const auto news = app.group("news");
  const auto desk = app.system().spawn(history, news, std::size_t{2});
  app.ws("/news", {
    .open = [news, desk](auto& ws) {
      ws.subscribe(news);  // first, so that nothing is missed
      ws.self().request(desk, 2s, last_atom::value).then([&ws](const std::vector<std::string>& lines) {
        for (const auto& line : lines)
          ws.send(line);
      });
    },
    .message = [desk](auto& ws, harpia::message_view message) {
      ws.self().send(desk, say_atom::value, std::string{message.text()});
    },
  });
}
// [history]

// [rates]
class user_rates {
public:
  using time_point = std::chrono::steady_clock::time_point;

  user_rates(double per_second, double burst) : per_second_{per_second}, burst_{burst} {}

  bool take(const std::string& user, time_point now) {
    const std::scoped_lock lock{mutex_};
    if (users_.size() >= sweep_at_) {
      std::erase_if(users_, [&](const auto& each) { return tokens_of(each.second, now) >= burst_; });
      sweep_at_ = std::max<std::size_t>(1024, 2 * users_.size());
    }
    auto& mine = users_.try_emplace(user, bucket{burst_, now}).first->second;
    mine = {tokens_of(mine, now), std::max(mine.filled, now)};
    if (mine.tokens < 1)
      return false;
    mine.tokens -= 1;
    return true;
  }

private:
  struct bucket {
    double tokens;
    time_point filled;
  };

  double tokens_of(const bucket& of, time_point now) const {
    const std::chrono::duration<double> since = std::max(now, of.filled) - of.filled;
    return std::min(burst_, of.tokens + since.count() * per_second_);
  }

  double per_second_;
  double burst_;
  std::mutex mutex_;
  std::map<std::string, bucket> users_;
  std::size_t sweep_at_ = 1024;
};

void limit_users(harpia::app& app, user_rates& rates) {
  app.use("/talk", {
    .message = [&rates](harpia::socket_base& ws, harpia::message_view message, const harpia::next_handler& next) {
      if (rates.take(std::string{ws.request().attribute("user")}, ws.now()))
        next(message);
      else
        ws.close(harpia::close_code::policy_violation, "too many messages");
    },
  });
}
// [rates]

// [sessions]
class session_list {
public:
  std::string begin(std::string user) {
    std::random_device random;
    std::string token;
    for (int words = 0; words < 4; ++words)  // 128 bits
      token += std::to_string(random()) + '.';
    const std::scoped_lock lock{mutex_};
    users_.insert_or_assign(token, std::move(user));
    return token;
  }
  std::optional<std::string> user_of(std::string_view token) const {
    const std::scoped_lock lock{mutex_};
    const auto found = users_.find(token);
    return found == users_.end() ? std::nullopt : std::optional{found->second};
  }
  void end_all_of(std::string_view user) {
    const std::scoped_lock lock{mutex_};
    std::erase_if(users_, [&](const auto& each) { return each.second == user; });
  }

private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string, std::less<>> users_;  // by token
};
// [sessions]

// [login]
bool is_right(std::string_view name, std::string_view password) {
  return !name.empty() && password == "swordfish";  // in a server: compare with a salted hash, in a pool
}

void add_login(harpia::app& app, session_list& sessions) {
  app.post("/login", [&sessions](const harpia::request& request) {
    const auto name = request.form("name").value_or("");
    if (!is_right(name, request.form("password").value_or("")))
      return harpia::http_response{.status = 403, .body = "wrong name or password"};
    const auto cookie = "session=" + sessions.begin(name) + "; Path=/; Secure; HttpOnly; SameSite=Lax";
    return harpia::http_response{.status = 303, .headers = {{"Location", "/"}, {"Set-Cookie", cookie}}};
  });
  app.ws<account>("/live", {
    .upgrade = [&sessions](auto& request) {
      const auto user = sessions.user_of(request.request().cookie("session").value_or(""));
      if (!user)
        return request.reject(401, "log in first");
      request.data.user = *user;
    },
    .open = [](auto& ws) {
      ws.subscribe("user/" + ws.data.user);
      ws.send("hello " + ws.data.user);
    },
  }, {.origins = harpia::same_origin});
}
// [login]

// [log_out]
void log_out(harpia::app& app, session_list& sessions, const std::string& user) {
  sessions.end_all_of(user);  // first, so that nobody comes back with an old cookie
  app.group("user/" + user).close(harpia::close_code{4001}, "logged out");
}
// [log_out]

// [pool]
std::string load_profile(const std::string& user);  // blocks: waits for a database

void add_profiles(harpia::app& app, harpia::pool& database) {
  app.ws("/profiles", {.message = [&database](auto& ws, harpia::message_view message) {
    const bool begun = database.run(ws,
      [user = std::string{message.text()}] { return load_profile(user); },  // on a thread of the pool
      [&ws](const std::string& profile) { ws.send(profile); });             // on the thread of the connection
    if (!begun)
      ws.close(harpia::close_code::try_again_later, "the database is busy");
  }});
}
// [pool]

// What the simulated database waits for.
struct gate {
  std::latch begun{1};
  std::latch opened{1};
};
gate* database_gate = nullptr;

std::string load_profile(const std::string& user) {
  database_gate->begun.count_down();
  database_gate->opened.wait();
  return "profile of " + user;
}

// [timers]
struct newcomer {
  std::string name;
  harpia::timer_id deadline = {};
};

void add_greeting(harpia::app& app) {
  app.ws<newcomer>("/greeting", {
    .open = [](auto& ws) {
      ws.data.deadline = ws.after(10s, [&ws] { ws.close(harpia::close_code::policy_violation, "who are you?"); });
    },
    .message = [](auto& ws, harpia::message_view message) {
      if (!ws.data.name.empty())
        return;
      ws.cancel(ws.data.deadline);
      ws.data.name = message.text();
      ws.every(60s, [&ws] { ws.send("still here, " + ws.data.name + '?'); });
    },
  });
}
// [timers]

// [deploy]
harpia::app_options for_deployment() {
  return {
    .closing = [](harpia::app& app) { app.publish("everybody", "the server restarts"); },
    .stop_code = harpia::close_code::service_restart,
    .stop_spread = 10s,  // how long the closing of all connections takes
    .stop_timeout = 5s,  // then for those that do not answer
  };
}

int serve(harpia::app& app) {
  app.stop_on_signals();  // SIGTERM of systemd, SIGINT of a terminal
  return app.listen({.service_socket = 0});
}
// [deploy]

// [metrics]
void add_metrics(harpia::app& app) {
  app.get("/metrics", [&app](const harpia::request&) {
    const auto now = app.statistics();
    std::ostringstream text;
    text << "harpia_connections " << now.connections << '\n'
         << "harpia_buffered_bytes " << now.buffered << '\n'
         << "harpia_slow_handlers_total " << now.slow_handlers << '\n';
    for (const auto& [status, count] : now.refused)
      text << "harpia_refused_total{status=\"" << status << "\"} " << count << '\n';
    for (const auto& [pattern, route] : now.routes) {
      const auto label = "{route=\"" + pattern + '"';
      text << "harpia_opened_total" << label << "} " << route.opened << '\n'
           << "harpia_messages_received_total" << label << "} " << route.received.messages << '\n'
           << "harpia_messages_sent_total" << label << "} " << route.sent.messages << '\n'
           << "harpia_dropped_total" << label << "} " << route.dropped << '\n'
           << "harpia_handler_failures_total" << label << "} " << route.handler_failures << '\n';
      for (const auto& [code, count] : route.closed)
        text << "harpia_closed_total" << label << ",code=\"" << code << "\"} " << count << '\n';
    }
    return harpia::http_response{.body = text.str(), .content_type = "text/plain; version=0.0.4"};
  });
}
// [metrics]

// [one_port]
void add_site(harpia::app& app) {
  harpia::router api{"/api"};
  api.defaults({.max_payload = 4096, .origins = harpia::same_origin});  // for the sockets of this router
  api.ws("/feed", {.message = [](auto& ws, harpia::message_view message) { ws.send(message); }});
  api.get("/version", [](const harpia::request&) { return harpia::http_response{.body = "7"}; });
  app.routes(api);

  // A page and a socket on one path: what the client asks for decides.
  app.get("/chat", [](const harpia::request&) {
    return harpia::http_response{
      .body = "<script>new WebSocket(location.href.replace('http', 'ws'))</script>",
      .content_type = "text/html; charset=utf-8",
    };
  });
  app.ws("/chat", {.open = [](auto& ws) { ws.send("welcome"); }});
}
// [one_port]

// [votes]
using vote_atom = caf::atom_constant<caf::atom("vote")>;

struct ballot {
  std::map<std::string, int> votes = {{"tea", 0}, {"coffee", 0}};
};

caf::behavior ballot_box(caf::stateful_actor<ballot>* self) {
  return {[self](vote_atom, const std::string& drink) -> caf::result<int> {
    const auto found = self->state.votes.find(drink);
    if (found == self->state.votes.end())
      return caf::sec::invalid_argument;
    return ++found->second;
  }};
}

void add_votes(harpia::app& app) {
  const auto box = app.system().spawn(ballot_box);
  app.ws("/votes", {.message = [box](auto& ws, harpia::message_view message) {
    ws.self().request(box, 2s, vote_atom::value, std::string{message.text()}).then(
      [&ws](int votes) { ws.send("votes: " + std::to_string(votes)); },
      [&ws](const caf::error& why) { ws.send(why == caf::sec::request_timeout ? "try again" : "no such drink"); });
  }});
}
// [votes]

// [protocol]
struct say {
  static constexpr std::string_view type = "say";
  std::string text;
};
BOOST_DESCRIBE_STRUCT(say, (), (text))

struct move_to {
  static constexpr std::string_view type = "move";
  int x = 0;
  int y = 0;
};
BOOST_DESCRIBE_STRUCT(move_to, (), (x, y))

using command = std::variant<say, move_to>;  // {"type":"move","x":1,"y":2}

struct problem {
  std::string error;
  std::size_t at = 0;
};
BOOST_DESCRIBE_STRUCT(problem, (), (error, at))

void add_protocol(harpia::app& app) {
  app.ws("/game", harpia::json<command>, {
    .message = [](auto& ws, const command& given) {
      if (const auto* move = std::get_if<move_to>(&given))
        ws.send("moved to " + std::to_string(move->x) + ' ' + std::to_string(move->y));
    },
    .error = [](auto& ws, const harpia::error& what) {
      if (what.code() == harpia::errc::undecodable_message)
        ws.send(harpia::json<problem>, {.error = what.what(), .at = what.position().value_or(0)});
    },
  }, {.on_undecodable = harpia::on_undecodable::stay});
}
// [protocol]

} // namespace

BOOST_AUTO_TEST_SUITE(recipes)

BOOST_AUTO_TEST_CASE(all_devices_of_a_user) {
  testing::world world;
  add_inbox(world.app());
  add_administration(world.app());
  auto phone = world.connect("/inbox/ann");
  auto laptop = world.connect("/inbox/ann");
  auto bob = world.connect("/inbox/bob");
  BOOST_TEST(world.http("POST", "/admin/tell/ann", {}, "you have mail").status == 204);
  BOOST_TEST(phone.received() == "you have mail");
  BOOST_TEST(laptop.received() == "you have mail");
  BOOST_TEST(!bob.try_received());
  BOOST_TEST(world.http("POST", "/admin/kick/ann").status == 204);
  for (auto* each : {&phone, &laptop}) {
    BOOST_TEST((each->closed().value().code == harpia::close_code::policy_violation));
    BOOST_TEST(each->closed().value().reason == "kicked");
  }
  BOOST_TEST(bob.is_open());
  BOOST_TEST(world.http("POST", "/admin/kick/nobody").status == 204);
  BOOST_TEST(world.connect("/inbox/ann").is_open());  // a kick keeps nobody out
}

BOOST_AUTO_TEST_CASE(a_connection_by_its_number) {
  testing::world world{{.loops = 2}};
  std::map<std::string, std::uint64_t> numbers;
  world.app().ws("/:name", {.open = [&](auto& ws) {
    numbers[std::string{ws.request().param("name")}] = ws.handle().id();
  }});
  add_support(world.app());
  auto ann = world.connect("/ann");
  auto bob = world.connect("/bob");
  const auto of = [&](const char* name) { return "/admin/tell/connection/" + std::to_string(numbers.at(name)); };
  BOOST_TEST(world.http("POST", of("bob"), {}, "can I help?").status == 204);
  BOOST_TEST(bob.received() == "can I help?");
  BOOST_TEST(!ann.try_received());
  bob.close();
  world.run();
  BOOST_TEST(world.http("POST", of("bob"), {}, "again").status == 404);
  BOOST_TEST(world.http("POST", "/admin/tell/connection/0", {}, "nobody").status == 404);
  BOOST_TEST(world.http("POST", "/admin/tell/connection/x", {}, "nobody").status == 404);
}

BOOST_AUTO_TEST_CASE(who_is_connected) {
  testing::world world{{.loops = 2}};
  add_inbox(world.app());
  add_census(world.app());
  BOOST_TEST(world.get("/admin/connections").body == "");
  auto ann = world.connect("/inbox/ann");
  auto bob = world.connect("/inbox/bob");
  BOOST_TEST(world.get("/admin/connections").body == "/inbox/ann 0\n/inbox/bob 0\n");
}

BOOST_AUTO_TEST_CASE(who_is_here) {
  testing::world world{add_rooms, {.loops = 2}};
  auto ann = world.connect("/rooms/tea?name=Ann");
  BOOST_TEST(ann.received() == "here: Ann");
  auto bob = world.connect("/rooms/tea?name=Bob");
  auto eve = world.connect("/rooms/coffee?name=Eve");
  BOOST_TEST(ann.received() == "here: Ann Bob");
  BOOST_TEST(bob.received() == "here: Ann Bob");
  BOOST_TEST(eve.received() == "here: Eve");
  bob.cut();
  BOOST_TEST(ann.received() == "here: Ann");
}

BOOST_AUTO_TEST_CASE(the_last_messages) {
  testing::world world{add_news, {.loops = 2}};
  auto ann = world.connect("/news");
  BOOST_TEST(!ann.try_received());
  for (const auto* text : {"one", "two", "three"})
    ann.send(text);
  BOOST_TEST(ann.received_all() == (strings{"1 one", "2 two", "3 three"}), boost::test_tools::per_element());
  auto bob = world.connect("/news");
  BOOST_TEST(bob.received_all() == (strings{"2 two", "3 three"}), boost::test_tools::per_element());
  bob.send("four");
  BOOST_TEST(ann.received() == "4 four");
  BOOST_TEST(bob.received() == "4 four");
}

BOOST_AUTO_TEST_CASE(a_rate_for_each_user) {
  user_rates rates{1, 2};
  testing::world world;
  world.app().use({.upgrade = [](harpia::upgrade_base& request) {
    request.set_attribute("user", request.request().query("user").value_or(""));
  }});
  limit_users(world.app(), rates);
  world.app().ws("/talk", {.message = [](auto& ws, harpia::message_view message) { ws.send(message); }});
  auto phone = world.connect("/talk?user=ann");
  auto laptop = world.connect("/talk?user=ann");
  auto bob = world.connect("/talk?user=bob");
  phone.send("1");
  laptop.send("2");
  bob.send("1");
  BOOST_TEST(phone.received() == "1");
  BOOST_TEST(laptop.received() == "2");
  BOOST_TEST(bob.received() == "1");
  world.advance(1s);
  phone.send("3");
  BOOST_TEST(phone.received() == "3");
  laptop.send("4");
  BOOST_TEST((laptop.closed().value().code == harpia::close_code::policy_violation));
  BOOST_TEST(phone.is_open());
}

BOOST_AUTO_TEST_CASE(full_buckets_are_forgotten) {
  user_rates rates{1, 2};
  const user_rates::time_point start{};
  for (int user = 0; user < 5000; ++user)
    BOOST_TEST(rates.take(std::to_string(user), start + user * 1s));
  BOOST_TEST(rates.take("ann", start + 5000s));
  BOOST_TEST(rates.take("ann", start + 4999s)); // of a loop whose turn began earlier
  BOOST_TEST(!rates.take("ann", start + 5000s));
}

BOOST_AUTO_TEST_CASE(a_login_by_page_and_cookie) {
  session_list sessions;
  testing::world world;
  add_login(world.app(), sessions);
  BOOST_TEST(world.connect("/live").refusal().value().status == 401);
  BOOST_TEST(world.connect("/live", {.headers = {{"Cookie", "session=1.2.3.4."}}}).refusal().value().status == 401);
  const std::pair<std::string, std::string> form{"Content-Type", "application/x-www-form-urlencoded"};
  BOOST_TEST(world.http("POST", "/login", {form}, "name=Ann&password=guess").status == 403);
  const auto answer = world.http("POST", "/login", {form}, "name=Ann&password=swordfish");
  BOOST_TEST(answer.status == 303);
  const auto set = std::ranges::find(answer.headers, std::string{"Set-Cookie"}, [](const auto& field) { return field.first; });
  BOOST_REQUIRE((set != answer.headers.end()));
  const std::pair<std::string, std::string> cookie{"Cookie", set->second.substr(0, set->second.find(';'))};
  auto ann = world.connect("/live", {.headers = {cookie}});
  BOOST_TEST(ann.received() == "hello Ann");
  const std::pair<std::string, std::string> elsewhere{"Origin", "https://evil.example"};
  BOOST_TEST(world.connect("/live", {.headers = {cookie, elsewhere}}).refusal().value().status == 403);
  log_out(world.app(), sessions, "Ann");
  BOOST_TEST((ann.closed().value().code == harpia::close_code{4001}));
  BOOST_TEST(world.connect("/live", {.headers = {cookie}}).refusal().value().status == 401);
}

BOOST_AUTO_TEST_CASE(a_database_that_blocks) {
  gate at_work;
  database_gate = &at_work;
  std::optional<harpia::pool> database{std::in_place, 1u, 1u};
  testing::world world;
  add_profiles(world.app(), *database);
  auto ann = world.connect("/profiles");
  auto bob = world.connect("/profiles");
  ann.send("Ann");
  at_work.begun.wait(); // the only thread of the pool is busy
  bob.send("Bob");      // waits for it
  BOOST_TEST(bob.is_open());
  bob.send("Bob");      // one too many
  BOOST_TEST((bob.closed().value().code == harpia::close_code::try_again_later));
  at_work.opened.count_down();
  database.reset(); // waits for the work that runs: a world does not wait for threads
  BOOST_TEST(ann.received() == "profile of Ann");
}

BOOST_AUTO_TEST_CASE(a_deadline_and_a_tick) {
  testing::world world{add_greeting};
  auto silent = world.connect("/greeting");
  auto ann = world.connect("/greeting");
  ann.send("Ann");
  world.advance(9s);
  BOOST_TEST(silent.is_open());
  world.advance(2s);
  BOOST_TEST(silent.closed().value().reason == "who are you?");
  BOOST_TEST(ann.is_open());
  world.advance(120s);
  BOOST_TEST(ann.received_all() == (strings{"still here, Ann?", "still here, Ann?"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_graceful_deploy) {
  testing::world world{[](harpia::app& app) { app.ws("/", {.open = [](auto& ws) { ws.subscribe("everybody"); }}); },
                       {.app = for_deployment()}};
  std::vector<testing::client> clients;
  for (int each = 0; each < 10; ++each)
    clients.push_back(world.connect("/"));
  const auto before = world.now();
  world.stop();
  for (auto& each : clients) {
    BOOST_TEST(each.received() == "the server restarts");
    BOOST_TEST((each.closed().value().code == harpia::close_code::service_restart));
  }
  BOOST_TEST((world.now() - before > 5s));
  BOOST_TEST((world.now() - before <= 15s));
}

BOOST_AUTO_TEST_CASE(a_deploy_without_systemd_says_so) {
  strings log;
  harpia::app app{{.log = [&log](const harpia::log_record& record) { log.emplace_back(record.what); }}};
  BOOST_TEST(serve(app) == 1);
  BOOST_TEST(log == strings{"Cannot listen on the service manager's socket 0: Bad file descriptor"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(metrics) {
  testing::world world;
  add_metrics(world.app());
  world.app().ws("/chat", {.message = [](auto& ws, harpia::message_view) { ws.close(harpia::close_code{4000}); }});
  auto ann = world.connect("/chat");
  auto bob = world.connect("/chat");
  bob.send("bye");
  BOOST_TEST(world.get("/nowhere").status == 404);
  const auto text = world.get("/metrics").body;
  for (const std::string line :
       {"harpia_connections 1\n", "harpia_refused_total{status=\"404\"} 1\n", "harpia_opened_total{route=\"/chat\"} 2\n",
        "harpia_handler_failures_total{route=\"/chat\"} 0\n", "harpia_closed_total{route=\"/chat\",code=\"4000\"} 1\n"})
    BOOST_TEST(text.find(line) != std::string::npos, line << " is missing in " << text);
}

BOOST_AUTO_TEST_CASE(several_routes_on_one_port) {
  testing::world world{add_site};
  BOOST_TEST(world.get("/api/version").body == "7");
  auto feed = world.connect("/api/feed");
  feed.send("hello");
  BOOST_TEST(feed.received() == "hello");
  feed.send(std::string(4097, 'x'));
  BOOST_TEST((feed.closed().value().code == harpia::close_code::message_too_big));
  BOOST_TEST(world.get("/chat").body.find("WebSocket") != std::string::npos);
  BOOST_TEST(world.connect("/chat").received() == "welcome");
  BOOST_TEST(world.get("/api/feed").status == 426);
  BOOST_TEST(world.connect("/api/version").refusal().has_value());
}

BOOST_AUTO_TEST_CASE(a_route_that_asks_an_actor) {
  testing::world world{add_votes, {.loops = 2}};
  auto ann = world.connect("/votes");
  auto bob = world.connect("/votes");
  ann.send("tea");
  bob.send("tea");
  bob.send("gin");
  BOOST_TEST(ann.received() == "votes: 1");
  BOOST_TEST(bob.received() == "votes: 2");
  BOOST_TEST(bob.received() == "no such drink");
}

BOOST_AUTO_TEST_CASE(errors_of_a_protocol_are_answered) {
  testing::world world{add_protocol};
  auto ann = world.connect("/game");
  const auto answer_to = [&](const char* message) {
    ann.send(message);
    return ann.received();
  };
  BOOST_TEST(answer_to(R"({"type":"move","x":1})").find("'y' is missing") != std::string::npos);
  BOOST_TEST(answer_to(R"({"type":"fly"})").find("'type' is none that is known") != std::string::npos);
  BOOST_TEST(answer_to("{x").find(R"("at":1)") != std::string::npos);
  ann.send(R"({"type":"move","x":1,"y":2})");
  BOOST_TEST(ann.received() == "moved to 1 2");
}

BOOST_AUTO_TEST_SUITE_END()
