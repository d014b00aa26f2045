// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/opening.hpp"

#include <harpia/origin_policy.hpp>
#include <harpia/route_options.hpp>

#include <boost/test/unit_test.hpp>

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

using harpia::parse_origin;
using policy = harpia::origin_policy;
using fields = std::vector<harpia::request::field>;

namespace {

/// "scheme host port" of what was read; "unreadable" for nothing.
std::string read(std::string_view text) {
  const auto origin = parse_origin(text);
  return origin ? origin->scheme + ' ' + origin->host + ' ' + std::to_string(origin->port) : "unreadable";
}

harpia::request asked(const fields& some) {
  return {"GET", "/", some};
}

bool accepts(const policy& rule, std::string_view origin, std::string_view host = "here.example") {
  return rule.accepts(asked({{"Host", host}, {"Origin", origin}}));
}

std::string refusal_of(std::vector<std::string> origins) {
  try {
    const policy rule{origins};
  } catch (const std::invalid_argument& refused) {
    return refused.what();
  }
  return "accepted";
}

} // namespace

BOOST_AUTO_TEST_SUITE(origin_policy)

// Reading

BOOST_AUTO_TEST_CASE(an_origin_is_a_scheme_a_host_and_a_port) {
  BOOST_TEST(read("https://example.com:8443") == "https example.com 8443");
  BOOST_TEST(read("http://127.0.0.1:1") == "http 127.0.0.1 1");
  BOOST_TEST(read("http://a-b_c.xn--bcher-kva.example:65535") == "http a-b_c.xn--bcher-kva.example 65535");
  BOOST_TEST(read("chrome-extension://abcdefgh") == "chrome-extension abcdefgh 0");
}

BOOST_AUTO_TEST_CASE(default_ports_are_filled_in) {
  BOOST_TEST(read("http://example.com") == "http example.com 80");
  BOOST_TEST(read("https://example.com") == "https example.com 443");
  BOOST_CHECK(parse_origin("https://example.com") == parse_origin("https://example.com:443"));
  BOOST_CHECK(parse_origin("https://example.com") != parse_origin("https://example.com:80"));
}

BOOST_AUTO_TEST_CASE(scheme_and_host_are_compared_without_case) {
  BOOST_TEST(read("HTTPS://Example.COM") == "https example.com 443");
}

BOOST_AUTO_TEST_CASE(an_ipv6_address_has_brackets_and_one_form) {
  BOOST_TEST(read("http://[::1]") == "http [::1] 80");
  BOOST_TEST(read("http://[2001:DB8:0:0:0:0:0:1]:8080") == "http [2001:db8::1] 8080");
  for (const auto* bad : {"http://[::1", "http://[]", "http://[::g]", "http://::1", "http://[127.0.0.1]", "http://[::1]x",
                          "http://[::1]x:80", "http://[::1%25eth0]"})
    BOOST_TEST(read(bad) == "unreadable", bad);
}

BOOST_AUTO_TEST_CASE(whatever_else_is_unreadable) {
  for (const auto* bad :
       {"",
        "null",
        "*",
        "example.com",
        "//example.com",
        "://example.com",
        "https:example.com",
        "https://",
        "https:///",
        "https://example.com/",
        "https://example.com/path",
        "https://example.com?q",
        "https://example.com#f",
        "https://user@example.com",
        "https://*.example.com",
        "https://example.com:",
        "https://example.com:0",
        "https://example.com:65536",
        "https://example.com:-1",
        "https://example.com:+1",
        "https://example.com:80x",
        "https://example.com:80:80",
        "https://exa mple.com",
        " https://example.com",
        "https://example.com ",
        "https://example.com,https://other.example",
        "https://a.example https://b.example",
        "1http://example.com",
        "ht_tp://example.com",
        "https://b\xc3\xbc"
        "cher.example",
        "https://example.com%00",
        "https://:80",
        "file://"})
    BOOST_TEST(read(bad) == "unreadable", bad);
  BOOST_TEST(read({"https://example.com\0", 20}) == "unreadable");
  BOOST_TEST(read({"http://[::1\0]", 13}) == "unreadable");
}

// Deciding

BOOST_AUTO_TEST_CASE(without_a_policy_every_origin_is_accepted) {
  const policy none;
  BOOST_TEST(none.accepts_all());
  BOOST_TEST(accepts(none, "https://anywhere.example"));
  BOOST_TEST(accepts(none, "garbage"));
  BOOST_TEST(none.accepts(asked({{"Origin", "https://a.example"}, {"Origin", "https://b.example"}})));
  BOOST_TEST(harpia::route_options{}.origins.accepts_all());
  BOOST_TEST(!harpia::route_options{}.origins.is_set());
  BOOST_TEST(policy{harpia::any_origin}.accepts_all());
  BOOST_TEST(policy{harpia::any_origin}.is_set());
}

BOOST_AUTO_TEST_CASE(a_list_accepts_its_origins_and_no_others) {
  const policy rule{"https://Example.com", "http://localhost:8080"};
  BOOST_TEST(!rule.accepts_all());
  for (const auto* good : {"https://example.com", "https://example.com:443", "HTTPS://EXAMPLE.COM", "http://localhost:8080"})
    BOOST_TEST(accepts(rule, good), good);
  for (const auto* bad : {"http://example.com", "https://example.com:8443", "https://example.com.evil.example",
                          "https://evil-example.com", "https://sub.example.com", "https://example.co", "http://localhost",
                          "https://localhost:8080", "null", "", "*", "https://example.com/"})
    BOOST_TEST(!accepts(rule, bad), bad);
}

BOOST_AUTO_TEST_CASE(a_list_accepts_pages_of_the_server_itself) {
  const policy rule{"https://other.example"};
  BOOST_TEST(accepts(rule, "https://here.example", "here.example"));
  BOOST_TEST(accepts(rule, "http://here.example", "here.example")); // a proxy may have taken TLS off
  BOOST_TEST(accepts(rule, "https://here.example", "Here.Example:443"));
  BOOST_TEST(accepts(rule, "http://here.example:3000", "here.example:3000"));
  BOOST_TEST(accepts(rule, "http://[::1]:3000", "[0:0:0:0:0:0:0:1]:3000"));
  BOOST_TEST(!accepts(rule, "http://here.example:3000", "here.example"));
  BOOST_TEST(!accepts(rule, "http://here.example", "here.example:3000"));
  BOOST_TEST(!accepts(rule, "https://here.example", "here.example:80"));
  BOOST_TEST(!accepts(rule, "https://not-here.example", "here.example"));
  BOOST_TEST(!accepts(rule, "app://here.example", "here.example"));
}

BOOST_AUTO_TEST_CASE(a_host_field_that_is_missing_repeated_or_unreadable_is_nobodys) {
  const policy rule = harpia::same_origin;
  const auto with_hosts = [&](fields hosts) {
    hosts.emplace_back("Origin", "https://here.example");
    return rule.accepts(asked(hosts));
  };
  BOOST_TEST(with_hosts({{"Host", "here.example"}}));
  BOOST_TEST(!with_hosts({}));
  BOOST_TEST(!with_hosts({{"Host", ""}}));
  BOOST_TEST(!with_hosts({{"Host", "here.example"}, {"Host", "here.example"}}));
  BOOST_TEST(!with_hosts({{"Host", "user@here.example"}}));
}

BOOST_AUTO_TEST_CASE(same_origin_and_an_empty_list_accept_the_servers_own_pages_only) {
  for (const policy& rule : {policy{harpia::same_origin}, policy{std::vector<std::string>{}}}) {
    BOOST_TEST(!rule.accepts_all());
    BOOST_TEST(accepts(rule, "https://here.example"));
    BOOST_TEST(!accepts(rule, "https://there.example"));
  }
}

BOOST_AUTO_TEST_CASE(whoever_sends_no_origin_is_no_browser_and_is_accepted) {
  const auto opening = harpia::test::opening_request();
  BOOST_TEST(policy{harpia::same_origin}.accepts(opening));
  BOOST_TEST(policy{"https://example.com"}.accepts(opening));
  BOOST_TEST(policy{[](std::string_view, const harpia::request&) { return false; }}.accepts(opening));
}

BOOST_AUTO_TEST_CASE(several_origin_fields_are_refused_even_if_all_are_allowed) {
  const auto twice = asked({{"Host", "here.example"}, {"Origin", "https://here.example"}, {"origin", "https://here.example"}});
  BOOST_TEST(!policy{harpia::same_origin}.accepts(twice));
  BOOST_TEST(!policy{[](std::string_view, const harpia::request&) { return true; }}.accepts(twice));
}

BOOST_AUTO_TEST_CASE(a_predicate_sees_the_origin_as_it_was_sent_and_the_request) {
  std::string seen;
  const policy rule{[&seen](std::string_view origin, const harpia::request& from) {
    seen = std::string{origin} + " at " + std::string{from.header("Host").value_or("")};
    return origin.ends_with(".example.com");
  }};
  BOOST_TEST(accepts(rule, "https://A.example.com"));
  BOOST_TEST(seen == "https://A.example.com at here.example");
  BOOST_TEST(!accepts(rule, "https://here.example")); // not even the server's own pages, unless it says so
}

BOOST_AUTO_TEST_CASE(a_predicate_decides_on_null_and_never_sees_what_is_unreadable) {
  std::vector<std::string> seen;
  const policy rule{[&seen](std::string_view origin, const harpia::request&) {
    seen.emplace_back(origin);
    return true;
  }};
  BOOST_TEST(accepts(rule, "null"));
  BOOST_TEST(!accepts(rule, "garbage"));
  BOOST_TEST(!accepts(rule, "https://a.example https://b.example"));
  BOOST_TEST(seen == std::vector<std::string>{"null"}, boost::test_tools::per_element());
}

// Declaring

BOOST_AUTO_TEST_CASE(a_route_declares_its_origins_in_any_of_these_ways) {
  const std::string name = "https://a.example";
  const std::vector<std::string> several{name, "https://b.example"};
  BOOST_TEST(accepts(harpia::route_options{.origins = {"https://a.example"}}.origins, name));
  BOOST_TEST(accepts(harpia::route_options{.origins = {name, "https://b.example"}}.origins, name));
  BOOST_TEST(accepts(harpia::route_options{.origins = several}.origins, "https://b.example"));
  BOOST_TEST(!accepts(harpia::route_options{.origins = harpia::same_origin}.origins, name));
  const auto by_function = harpia::route_options{.origins = [](std::string_view, const auto&) { return false; }}.origins;
  BOOST_TEST(!accepts(by_function, name));
  const auto copy = by_function;
  BOOST_TEST(!accepts(copy, name));
}

BOOST_AUTO_TEST_CASE(what_is_no_origin_is_named) {
  BOOST_TEST(refusal_of({"https://example.com"}) == "accepted");
  for (const auto* bad : {"example.com", "https://example.com/", "*", "null", "https://*.example.com", ""}) {
    const auto refusal = refusal_of({"https://example.com", bad});
    BOOST_TEST(refusal.find("'origins'") != std::string::npos, refusal);
    BOOST_TEST(refusal.find("but '" + std::string{bad} + "' is not") != std::string::npos, refusal);
  }
  BOOST_CHECK_THROW((policy{"https://example.com", "nonsense"}), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(the_url_of_a_websocket_is_no_pages_origin) {
  for (const auto* url : {"ws://example.com", "wss://example.com", "WSS://example.com:8443"})
    BOOST_TEST(refusal_of({url}).find("'" + std::string{url} + "'") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_empty_function_is_refused) {
  BOOST_CHECK_THROW(policy{policy::predicate{}}, std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
