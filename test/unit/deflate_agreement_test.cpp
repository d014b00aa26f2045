// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "deflate/deflate_agreement.hpp"

#include "support/opening.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace deflate = harpia::deflate;
namespace test = harpia::test;
using harpia::context_takeover;
using harpia::deflate_options;

namespace {

const deflate_options taking_over{
    .server_context_takeover = context_takeover::enabled, .client_context_takeover = context_takeover::enabled};

/// The extension that a server answers offers with, "declined" if it answers with none. Each offer is a field of its own.
std::string answer_to(std::initializer_list<std::string_view> offers, const deflate_options& options = taking_over) {
  std::vector<harpia::request::field> fields;
  for (const auto offer : offers)
    fields.emplace_back("Sec-WebSocket-Extensions", offer);
  const auto answer = deflate::accept_deflate(test::opening_request(fields), options);
  return answer ? answer->extension : "declined";
}

std::string answer_to(std::string_view offer, const deflate_options& options = taking_over) {
  return answer_to({offer}, options);
}

std::string summary(const deflate::deflate_agreement& agreed) {
  const auto of = [](int bits, context_takeover takeover) {
    return std::to_string(bits) + (takeover == context_takeover::enabled ? " with" : " without");
  };
  return "server " + of(agreed.server_window_bits, agreed.server_context_takeover) + ", client "
         + of(agreed.client_window_bits, agreed.client_context_takeover);
}

/// What a server agrees to, "declined" if it does not.
std::string agreement_on(std::string_view offer, const deflate_options& options = taking_over) {
  const auto answer = deflate::accept_deflate(test::opening_request({{"Sec-WebSocket-Extensions", offer}}), options);
  return answer ? summary(answer->agreed) : "declined";
}

/// What a client takes an answer for, "failed" if it is none.
std::string taken_for(std::string_view answer, const deflate_options& offered = taking_over) {
  const auto agreed = deflate::read_deflate_answer(answer, offered);
  return agreed ? summary(*agreed) : "failed";
}

} // namespace

BOOST_AUTO_TEST_SUITE(deflate_agreement)

// Offers, RFC 7692, 7.1

BOOST_AUTO_TEST_CASE(an_offer_without_parameters_is_answered_with_what_the_server_wants) {
  BOOST_TEST(answer_to("permessage-deflate") == "permessage-deflate");
  BOOST_TEST(answer_to("Permessage-Deflate") == "permessage-deflate");
  BOOST_TEST(answer_to("permessage-deflate", {}) == "permessage-deflate; server_no_context_takeover; client_no_context_takeover");
  BOOST_TEST(answer_to("permessage-deflate", {.server_max_window_bits = 10})
             == "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10");
}

BOOST_AUTO_TEST_CASE(no_offer_and_other_extensions_are_declined) {
  BOOST_TEST(answer_to({}) == "declined");
  BOOST_TEST(answer_to("") == "declined");
  BOOST_TEST(answer_to("x-webkit-deflate-frame, permessage-bzip2") == "declined");
}

BOOST_AUTO_TEST_CASE(an_offer_with_an_unknown_parameter_is_declined) {
  BOOST_TEST(answer_to("permessage-deflate; window_bits=10") == "declined");
  BOOST_TEST(answer_to("permessage-deflate; server_no_context_takeover; x") == "declined");
}

BOOST_AUTO_TEST_CASE(an_offer_with_a_parameter_twice_is_declined) {
  for (const auto* parameter : {"server_no_context_takeover", "client_no_context_takeover", "server_max_window_bits=10",
                                "client_max_window_bits", "client_max_window_bits=10"}) {
    const auto offer = std::string{"permessage-deflate; "} + parameter;
    BOOST_TEST(answer_to(offer) != "declined", parameter);
    BOOST_TEST(answer_to(offer + "; " + parameter) == "declined", parameter);
  }
  BOOST_TEST(answer_to("permessage-deflate; server_max_window_bits=10; server_max_window_bits=11") == "declined");
  BOOST_TEST(answer_to("permessage-deflate; client_max_window_bits; client_max_window_bits=11") == "declined");
  BOOST_TEST(answer_to("permessage-deflate; client_max_window_bits=11; client_max_window_bits") == "declined");
  BOOST_TEST(answer_to("permessage-deflate; server_no_context_takeover; Server_No_Context_Takeover") == "declined");
}

BOOST_AUTO_TEST_CASE(an_offer_with_a_value_that_is_none_is_declined) {
  for (const auto* name : {"server_max_window_bits", "client_max_window_bits"})
    for (const auto* value : {"7", "16", "0", "08", "015", "1", "100", "-9", "+9", "9x", "x", "\"\"", "0x9"})
      BOOST_TEST(answer_to(std::string{"permessage-deflate; "} + name + "=" + value) == "declined", name << "=" << value);
  BOOST_TEST(answer_to("permessage-deflate; server_max_window_bits") == "declined");
  BOOST_TEST(answer_to("permessage-deflate; server_no_context_takeover=1") == "declined");
  BOOST_TEST(answer_to("permessage-deflate; client_no_context_takeover=true") == "declined");
}

BOOST_AUTO_TEST_CASE(a_value_may_be_quoted) {
  BOOST_TEST(answer_to("permessage-deflate; server_max_window_bits=\"1\\0\"") == "permessage-deflate; server_max_window_bits=10");
}

BOOST_AUTO_TEST_CASE(a_malformed_field_offers_nothing) {
  for (const auto* field :
       {"permessage-deflate;", "permessage-deflate; =9", "permessage-deflate x",
        "permessage-deflate; x=", "permessage-deflate; server_max_window_bits=\"10", "(permessage-deflate)", ";"})
    BOOST_TEST(answer_to({field, "x-other"}) == "declined", field);
  BOOST_TEST(answer_to({"permessage-deflate;", "permessage-deflate"}) == "permessage-deflate");
  BOOST_TEST(answer_to(" ,\tpermessage-deflate ;\tserver_max_window_bits = 10 , ")
             == "permessage-deflate; server_max_window_bits=10");
}

BOOST_AUTO_TEST_CASE(of_several_offers_the_first_that_can_be_accepted_is) {
  BOOST_TEST(answer_to("permessage-deflate; x, permessage-deflate; server_max_window_bits=8, "
                       "permessage-deflate; server_max_window_bits=11, permessage-deflate")
             == "permessage-deflate; server_max_window_bits=11");
  BOOST_TEST(answer_to({"x-other", "permessage-deflate; y", "permessage-deflate; server_max_window_bits=12"})
             == "permessage-deflate; server_max_window_bits=12");
}

// Context takeover, 7.1.1

BOOST_AUTO_TEST_CASE(a_client_may_want_the_server_to_go_without_context_takeover) {
  const auto* offer = "permessage-deflate; server_no_context_takeover";
  BOOST_TEST(answer_to(offer) == offer);
  BOOST_TEST(agreement_on(offer) == "server 15 without, client 15 with");
}

BOOST_AUTO_TEST_CASE(a_client_that_goes_without_context_takeover_is_believed) {
  const auto* offer = "permessage-deflate; client_no_context_takeover";
  BOOST_TEST(answer_to(offer) == offer);
  BOOST_TEST(agreement_on(offer) == "server 15 with, client 15 without");
}

BOOST_AUTO_TEST_CASE(a_server_goes_without_and_wants_its_clients_to) {
  BOOST_TEST(agreement_on("permessage-deflate", {.client_context_takeover = context_takeover::enabled})
             == "server 15 without, client 15 with");
  BOOST_TEST(agreement_on("permessage-deflate", {.server_context_takeover = context_takeover::enabled})
             == "server 15 with, client 15 without");
  BOOST_TEST(agreement_on("permessage-deflate", {}) == "server 15 without, client 15 without");
}

// Windows, 7.1.2

BOOST_AUTO_TEST_CASE(a_servers_window_is_no_larger_than_either_wants_and_is_answered) {
  for (int bits = 9; bits <= 15; ++bits) {
    const auto offer = "permessage-deflate; server_max_window_bits=" + std::to_string(bits);
    BOOST_TEST(answer_to(offer) == offer);
    auto options = taking_over;
    options.server_max_window_bits = 11;
    const auto least = std::to_string(std::min(bits, 11));
    BOOST_TEST(answer_to(offer, options) == "permessage-deflate; server_max_window_bits=" + least);
    BOOST_TEST(agreement_on(offer, options) == "server " + least + " with, client 15 with");
  }
}

BOOST_AUTO_TEST_CASE(a_servers_window_of_8_bits_is_declined) {
  BOOST_TEST(answer_to("permessage-deflate; server_max_window_bits=8") == "declined");
}

BOOST_AUTO_TEST_CASE(a_client_that_mentions_its_window_may_be_given_a_smaller_one) {
  auto options = taking_over;
  options.client_max_window_bits = 10;
  BOOST_TEST(answer_to("permessage-deflate; client_max_window_bits", options) == "permessage-deflate; client_max_window_bits=10");
  BOOST_TEST(answer_to("permessage-deflate; client_max_window_bits=12", options)
             == "permessage-deflate; client_max_window_bits=10");
  BOOST_TEST(answer_to("permessage-deflate; client_max_window_bits=8", options)
             == "permessage-deflate; client_max_window_bits=8");
  BOOST_TEST(agreement_on("permessage-deflate; client_max_window_bits=12", options) == "server 15 with, client 10 with");
  BOOST_TEST(answer_to("permessage-deflate; client_max_window_bits") == "permessage-deflate");
  BOOST_TEST(answer_to("permessage-deflate; client_max_window_bits=15") == "permessage-deflate; client_max_window_bits=15");
}

BOOST_AUTO_TEST_CASE(a_client_that_does_not_mention_its_window_is_never_answered_one) {
  auto options = taking_over;
  BOOST_TEST(answer_to("permessage-deflate", options) == "permessage-deflate");
  options.client_max_window_bits = 14;
  BOOST_TEST(answer_to("permessage-deflate", options) == "declined");
  BOOST_TEST(answer_to("permessage-deflate, permessage-deflate; client_max_window_bits", options)
             == "permessage-deflate; client_max_window_bits=14");
}

// Clients

BOOST_AUTO_TEST_CASE(a_client_offers_what_it_wants) {
  BOOST_TEST(deflate::offer_deflate({})
             == "permessage-deflate; server_no_context_takeover; client_no_context_takeover; client_max_window_bits");
  BOOST_TEST(deflate::offer_deflate(taking_over) == "permessage-deflate; client_max_window_bits");
  auto options = taking_over;
  options.server_max_window_bits = 9;
  options.client_max_window_bits = 14;
  BOOST_TEST(deflate::offer_deflate(options) == "permessage-deflate; server_max_window_bits=9; client_max_window_bits=14");
}

BOOST_AUTO_TEST_CASE(what_a_client_offers_a_server_understands) {
  for (const int bits : {9, 12, 15})
    for (const auto takeover : {context_takeover::disabled, context_takeover::enabled}) {
      const deflate_options options{
          .server_max_window_bits = bits, .client_max_window_bits = bits, .client_context_takeover = takeover};
      const auto offer = deflate::offer_deflate(options);
      const auto answer = deflate::accept_deflate(test::opening_request({{"Sec-WebSocket-Extensions", offer}}), taking_over);
      BOOST_REQUIRE(answer.has_value());
      BOOST_TEST(taken_for(answer->extension, options) == summary(answer->agreed));
    }
}

BOOST_AUTO_TEST_CASE(an_answer_says_what_was_agreed_on) {
  BOOST_TEST(taken_for("permessage-deflate") == "server 15 with, client 15 with");
  BOOST_TEST(taken_for("permessage-deflate; server_no_context_takeover; client_max_window_bits=9")
             == "server 15 without, client 9 with");
  BOOST_TEST(taken_for("PERMESSAGE-DEFLATE; client_no_context_takeover; server_max_window_bits=8")
             == "server 8 with, client 15 without");
}

BOOST_AUTO_TEST_CASE(an_answer_with_parameters_that_are_unknown_repeated_or_without_a_value_fails) {
  for (const auto* answer :
       {"", "x-other", "permessage-deflate, permessage-deflate", "permessage-deflate; x",
        "permessage-deflate; client_max_window_bits", "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=16", "permessage-deflate; client_max_window_bits=7",
        "permessage-deflate; server_no_context_takeover=1",
        "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
        "permessage-deflate; server_max_window_bits=9; server_max_window_bits=9"})
    BOOST_TEST(taken_for(answer) == "failed", "'" << answer << "'");
}

BOOST_AUTO_TEST_CASE(an_answer_that_leaves_out_or_exceeds_what_was_asked_for_fails) {
  BOOST_TEST(taken_for("permessage-deflate", {.client_context_takeover = context_takeover::enabled}) == "failed");
  auto options = taking_over;
  options.server_max_window_bits = 10;
  options.client_max_window_bits = 10;
  BOOST_TEST(taken_for("permessage-deflate", options) == "failed");
  BOOST_TEST(taken_for("permessage-deflate; server_max_window_bits=11", options) == "failed");
  BOOST_TEST(taken_for("permessage-deflate; server_max_window_bits=10; client_max_window_bits=11", options) == "failed");
  BOOST_TEST(taken_for("permessage-deflate; server_max_window_bits=9; client_max_window_bits=9", options)
             == "server 9 with, client 9 with");
}

BOOST_AUTO_TEST_CASE(a_client_keeps_to_what_it_offered_to_do_without_though_the_answer_does_not_repeat_it) {
  BOOST_TEST(taken_for("permessage-deflate; server_no_context_takeover", {.client_max_window_bits = 12})
             == "server 15 without, client 12 without");
}

BOOST_AUTO_TEST_SUITE_END()
