// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#define BOOST_TEST_MODULE harpia fault
#include <boost/test/unit_test.hpp>
