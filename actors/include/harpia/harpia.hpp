// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

/// Everything that a program with callback handlers needs. Includes no header of CAF, Asio or Beast.
#include <harpia/app.hpp>
#include <harpia/callback.hpp>
#include <harpia/calls.hpp>
#include <harpia/client.hpp>
#include <harpia/client_options.hpp>
#include <harpia/close_code.hpp>
#include <harpia/codec.hpp>
#include <harpia/error.hpp>
#include <harpia/group.hpp>
#include <harpia/handle.hpp>
#include <harpia/handlers.hpp>
#include <harpia/http.hpp>
#include <harpia/listen_options.hpp>
#include <harpia/log.hpp>
#include <harpia/message_sender.hpp>
#include <harpia/message_view.hpp>
#include <harpia/middleware.hpp>
#include <harpia/origin_policy.hpp>
#include <harpia/publish_options.hpp>
#include <harpia/request.hpp>
#include <harpia/route_options.hpp>
#include <harpia/router.hpp>
#include <harpia/send_options.hpp>
#include <harpia/send_status.hpp>
#include <harpia/socket.hpp>
#include <harpia/statistics.hpp>
#include <harpia/upgrade.hpp>
