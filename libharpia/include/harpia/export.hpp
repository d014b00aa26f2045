// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

// Every header directly in harpia/ includes this one, by others or by itself.
#if !defined(__cplusplus) || __cplusplus < 202002L || !defined(__cpp_exceptions)
#error "harpia needs C++20 and exceptions: compile with -std=c++20 or later, and without -fno-exceptions"
#endif

/// What a shared library of harpia offers to programs; all else in it is hidden.
#define HARPIA_API __attribute__((visibility("default")))

/// The same for what the test kit needs, which is no API.
#define HARPIA_KIT_API __attribute__((visibility("default")))
