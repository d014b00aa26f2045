// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/beast_endpoint.hpp"
#include "support/random_frames.hpp"
#include "support/session_endpoint.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <ostream>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>

// A session speaks with an implementation of the protocol that shares no code with it, Boost.Beast, as a server and as a client.

namespace test = harpia::test;
namespace websocket = harpia::websocket;
using harpia::close_code;
using harpia::context_takeover;
using harpia::last_part;
using harpia::message_kind;
using harpia::message_view;
using harpia::send_status;
using test::role;
using test::told;
using test::told_list;

namespace {

using namespace std::string_view_literals;

constexpr std::size_t max_message = 300'000; // bytes

/// How two ends converse.
struct setting {
  role of_session = role::server;
  std::optional<context_takeover> takeover = {}; // nothing: no compression
  std::size_t max_fragment = 0;                  // of Beast's
  int window_bits = 15;
  std::size_t max_for_session = max_message;
  std::size_t max_for_beast = max_message;
};

std::ostream& operator<<(std::ostream& out, const setting& each) {
  out << (each.of_session == role::server ? "a session as server" : "a session as client");
  if (each.takeover)
    out << ", compression " << (*each.takeover == context_takeover::enabled ? "with" : "without")
        << " context takeover, windows of " << each.window_bits << " bits";
  return out << ", fragments of " << each.max_fragment;
}

std::optional<harpia::deflate_options> deflate_of(const setting& how) {
  if (!how.takeover)
    return std::nullopt;
  return harpia::deflate_options{
      .server_max_window_bits = how.window_bits,
      .client_max_window_bits = how.window_bits,
      .server_context_takeover = *how.takeover,
      .client_context_takeover = *how.takeover,
      .threshold = 0};
}

harpia::route_options options_of(const setting& how) {
  harpia::route_options options{.max_payload = how.max_for_session, .high_watermark = 1 << 28, .max_buffered = 1 << 29};
  if (const auto deflate = deflate_of(how)) {
    options.compression = harpia::compression::enabled;
    options.deflate = *deflate;
  }
  return options;
}

/// A session and a Beast stream, each of which gets what the other wrote, in random pieces.
class conversation {
public:
  explicit conversation(const setting& how, unsigned seed = 1)
      : session{how.of_session, options_of(how)},
        beast{how.of_session == role::server ? role::client : role::server,
              {.max_message = how.max_for_beast, .deflate = deflate_of(how), .max_fragment = how.max_fragment}},
        random{seed} {
    exchange();
    BOOST_REQUIRE(session.is_open());
    BOOST_REQUIRE(beast.is_open());
  }

  /// Until both have nothing more to say.
  void exchange() {
    for (;;) {
      const auto to_session = beast.take_written();
      const auto to_beast = session.take_written();
      if (to_session.empty() && to_beast.empty())
        return;
      give(session, to_session);
      give(beast, to_beast);
    }
  }

  test::session_endpoint session;
  test::beast_endpoint beast;
  std::mt19937 random;

private:
  template <class Endpoint>
  void give(Endpoint& to, std::string_view bytes) {
    const auto most = std::array<std::size_t, 4>{20, 1500, 20'000, 1'000'000}[random() % 4];
    while (!bytes.empty()) {
      const auto piece = bytes.substr(0, random() % most + 1);
      bytes.remove_prefix(piece.size());
      to.receive(piece);
    }
  }
};

const std::array compressions{
    std::optional<context_takeover>{}, std::optional{context_takeover::disabled}, std::optional{context_takeover::enabled}};

template <class Body>
void in_each_role(Body body) {
  for (const auto of_session : {role::server, role::client})
    for (const auto& takeover : compressions) {
      const setting how{.of_session = of_session, .takeover = takeover};
      BOOST_TEST_CONTEXT(how) {
        body(how);
      }
    }
}

/// A text of every kind of character, or bytes of which some repeat.
std::string random_content(std::mt19937& random, message_kind kind, std::size_t size) {
  std::string content;
  content.reserve(size + 4);
  if (kind == message_kind::text) {
    while (content.size() + 4 <= size)
      content += std::array{"a", "é", "漢", "\xf0\x9f\x98\x80"}[random() % 4];
    return content.append(size - content.size(), 'x');
  }
  while (content.size() < size)
    content.append(random() % 50, static_cast<char>(random()));
  content.resize(size);
  return content;
}

message_view view_of(message_kind kind, const std::string& content) {
  return {kind, std::as_bytes(std::span{content})};
}

/// What one end sends, as the other has to tell it.
struct script {
  explicit script(std::mt19937& random) {
    constexpr std::array<std::size_t, 9> edges{0, 1, 125, 126, 127, 65'535, 65'536, 65'537, max_message};
    for (int i = 0; i < 8; ++i) {
      const auto kind = random() % 2 == 0 ? told::event::text : told::event::binary;
      const auto size = random() % 3 == 0 ? edges[random() % edges.size()] : random() % (random() % 3 == 0 ? max_message : 3000);
      lines.push_back({kind, random_content(random, kind_of(kind), size)});
      if (random() % 2 == 0)
        lines.push_back({told::event::ping, test::random_payload(random, 120)});
    }
  }

  static message_kind kind_of(told::event what) { return what == told::event::text ? message_kind::text : message_kind::binary; }

  [[nodiscard]] told_list pongs() const {
    told_list answers;
    for (const auto& line : lines)
      if (line.what == told::event::ping)
        answers.push_back({told::event::pong, line.payload});
    return answers;
  }

  told_list lines;
};

void send(test::session_endpoint& from, const told& line) {
  if (line.what == told::event::ping)
    BOOST_REQUIRE((from.session().send_control(websocket::opcode::ping, line.payload) == send_status::sent));
  else
    BOOST_REQUIRE((from.session().send(view_of(script::kind_of(line.what), line.payload)) == send_status::sent));
}

void send(test::beast_endpoint& from, const told& line) {
  if (line.what == told::event::ping)
    from.ping(line.payload);
  else
    from.send(view_of(script::kind_of(line.what), line.payload));
}

void check_same(const told_list& all, const told_list& expected) {
  const auto [got, wanted] = std::ranges::mismatch(all, expected);
  BOOST_TEST((got == all.end() && wanted == expected.end()),
             "line " << got - all.begin() << " is '" << (got == all.end() ? "missing" : to_string(*got)) << "' and not '"
                     << (wanted == expected.end() ? "the end" : to_string(*wanted)) << "'");
}

told_list picked(const told_list& from, bool (*which)(const told&)) {
  told_list some;
  std::ranges::copy_if(from, std::back_inserter(some), which);
  return some;
}

bool is_ping(const told& each) {
  return each.what == told::event::ping;
}

// Pings may overtake messages that wait in a session's queue, but no ping overtakes another.
void check_told(const told_list& all, const script& others, const script& own) {
  const auto is_message = [](const told& each) { return each.is_message(); };
  check_same(picked(all, is_message), picked(others.lines, is_message));
  check_same(picked(all, is_ping), picked(others.lines, is_ping));
  check_same(picked(all, [](const told& each) { return !each.is_message() && !is_ping(each); }), own.pongs());
}

void converse(const setting& how, unsigned seed) {
  conversation both{how, seed};
  const script sessions{both.random};
  const script beasts{both.random};
  for (std::size_t i = 0; i < std::max(sessions.lines.size(), beasts.lines.size()); ++i) {
    if (i < sessions.lines.size())
      send(both.session, sessions.lines[i]);
    if (i < beasts.lines.size())
      send(both.beast, beasts.lines[i]);
    if (both.random() % 3 == 0)
      both.exchange();
  }
  both.exchange();
  check_told(both.session.events(), beasts, sessions);
  check_told(both.beast.events(), sessions, beasts);
}

} // namespace

BOOST_AUTO_TEST_SUITE(beast_conversations)

BOOST_AUTO_TEST_CASE(each_end_gets_exactly_what_the_other_sent) {
  unsigned seed = 0;
  in_each_role([&](setting how) {
    converse(how, ++seed);
    how.max_fragment = 700;
    BOOST_TEST_CONTEXT(how) {
      converse(how, ++seed);
    }
  });
}

BOOST_AUTO_TEST_CASE(each_end_gets_exactly_what_the_other_sent_in_small_windows) {
  for (const int window_bits : {9, 12})
    in_each_role([&](setting how) {
      how.window_bits = window_bits;
      if (how.takeover)
        converse(how, static_cast<unsigned>(window_bits));
    });
}

BOOST_AUTO_TEST_CASE(a_message_is_whole_whatever_comes_between_its_frames) {
  in_each_role([](const setting& how) {
    conversation both{how};
    for (const auto size : std::initializer_list<std::size_t>{0, 10, 20'000}) {
      const auto content = random_content(both.random, message_kind::text, size);
      const auto before = both.session.events().size();
      constexpr std::size_t parts = 5;
      for (std::size_t i = 0; i < parts; ++i) {
        const auto part = content.substr(size * i / parts, size * (i + 1) / parts - size * i / parts);
        both.beast.send_part(view_of(message_kind::text, part), i + 1 == parts ? last_part::yes : last_part::no);
        if (i + 1 < parts)
          both.beast.ping(std::to_string(i));
        if (both.random() % 2 == 0)
          both.exchange();
      }
      both.exchange();
      const told_list expected{
          {told::event::ping, "0"},
          {told::event::ping, "1"},
          {told::event::ping, "2"},
          {told::event::ping, "3"},
          {told::event::text, content}};
      const told_list all{both.session.events().begin() + static_cast<std::ptrdiff_t>(before), both.session.events().end()};
      BOOST_TEST((all == expected), size << " bytes");
    }
    const told_list pongs{{told::event::pong, "0"}, {told::event::pong, "1"}, {told::event::pong, "2"}, {told::event::pong, "3"}};
    BOOST_TEST_REQUIRE(both.beast.events().size() == 12u);
    for (auto at = both.beast.events().begin(); at != both.beast.events().end(); at += 4)
      BOOST_TEST(std::equal(pongs.begin(), pongs.end(), at));
  });
}

BOOST_AUTO_TEST_CASE(what_a_session_sends_before_it_closes_arrives_in_front_of_its_code_and_reason) {
  in_each_role([](const setting& how) {
    conversation both{how};
    both.session.session().send("first"sv);
    both.session.session().send("second"sv);
    both.session.session().close(close_code{4001}, "enough, ça suffit");
    both.exchange();
    const told_list expected{
        {told::event::text, "first"}, {told::event::text, "second"}, {told::event::closed, "enough, ça suffit", 4001}};
    BOOST_TEST((both.beast.events() == expected));
    BOOST_TEST((both.session.events() == told_list{{told::event::closed, "enough, ça suffit", 4001}}));
  });
}

BOOST_AUTO_TEST_CASE(what_beast_sends_before_it_closes_arrives_in_front_of_its_code_and_reason) {
  in_each_role([](const setting& how) {
    conversation both{how};
    both.beast.send("first"sv);
    both.beast.send("second"sv);
    both.beast.close(4001, "enough, ça suffit");
    both.exchange();
    const told_list expected{
        {told::event::text, "first"}, {told::event::text, "second"}, {told::event::closed, "enough, ça suffit", 4001}};
    BOOST_TEST((both.session.events() == expected));
    BOOST_TEST((both.beast.events() == told_list{{told::event::closed, "", 4001}})); // its own code comes back
  });
}

BOOST_AUTO_TEST_CASE(a_close_frame_without_a_code_is_one_without_a_code) {
  in_each_role([](const setting& how) {
    conversation both{how};
    both.beast.close(0, "");
    both.exchange();
    BOOST_TEST((both.session.events() == told_list{{told::event::closed, "", 1005}}));
    BOOST_TEST((both.beast.events() == told_list{{told::event::closed, "", 1000}}));
  });
}

BOOST_AUTO_TEST_CASE(ends_that_close_at_the_same_time_are_both_done) {
  in_each_role([](const setting& how) {
    conversation both{how};
    both.session.session().close(close_code{4001}, "mine");
    both.beast.close(4002, "yours");
    both.exchange();
    BOOST_TEST((both.session.events() == told_list{{told::event::closed, "mine", 4001}}));
    BOOST_TEST((both.beast.events() == told_list{{told::event::closed, "mine", 4001}}));
  });
}

BOOST_AUTO_TEST_CASE(an_end_that_closes_gets_nothing_that_was_under_way) {
  in_each_role([](setting how) {
    how.max_fragment = 100;
    {
      conversation both{how};
      both.session.session().send("late"sv);
      both.beast.close(4002, "enough");
      both.exchange();
      BOOST_TEST((both.session.events() == told_list{{told::event::closed, "enough", 4002}}));
      BOOST_TEST((both.beast.events() == told_list{{told::event::closed, "", 4002}}));
    }
    conversation both{how};
    both.beast.send(std::string_view{random_content(both.random, message_kind::text, 5000)});
    both.session.session().close(close_code{4001}, "enough");
    both.exchange();
    BOOST_TEST((both.session.events() == told_list{{told::event::closed, "enough", 4001}}));
    BOOST_TEST((both.beast.events() == told_list{{told::event::closed, "enough", 4001}}));
  });
}

BOOST_AUTO_TEST_CASE(each_end_refuses_a_message_over_its_own_limit_and_the_other_learns_why) {
  in_each_role([](setting how) {
    how.max_for_session = 2000;
    how.max_for_beast = 1000;
    {
      conversation both{how};
      both.session.session().send(std::string_view{std::string(1000, 'x')});
      both.session.session().send(std::string_view{std::string(1001, 'x')});
      both.exchange();
      BOOST_TEST_REQUIRE(both.beast.events().size() == 2u);
      BOOST_TEST(both.beast.events()[1].is_failure(1009));
      BOOST_TEST((both.session.events() == told_list{{told::event::closed, "", 1009}}));
    }
    conversation both{how};
    both.beast.send(std::string_view{std::string(2000, 'x')});
    both.beast.send(std::string_view{std::string(2001, 'x')});
    both.exchange();
    BOOST_TEST_REQUIRE(both.session.events().size() == 2u);
    BOOST_TEST(both.session.events()[1].is_failure(1009));
    BOOST_TEST((both.beast.events() == told_list{{told::event::closed, "", 1009}}));
  });
}

BOOST_AUTO_TEST_CASE(an_end_whose_peer_is_gone_without_a_word_has_lost_it) {
  in_each_role([](const setting& how) {
    conversation both{how};
    both.session.receive_end();
    both.beast.receive_end();
    BOOST_TEST((both.session.events() == told_list{{told::event::lost}}));
    BOOST_TEST((both.beast.events() == told_list{{told::event::lost}}));
  });
}

BOOST_AUTO_TEST_SUITE_END()
