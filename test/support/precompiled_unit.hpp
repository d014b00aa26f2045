// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

// What most unit tests include, see harpia_precompile.
#include "support/bytes.hpp"
#include "support/raw_client.hpp"

#include "websocket/session.hpp"
#include "websocket/stream.hpp"
#include <harpia/request.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
