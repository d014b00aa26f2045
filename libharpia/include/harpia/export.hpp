// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

// Every header directly in harpia/ includes this one, directly or through another.
#if !defined(__cplusplus) || __cplusplus < 202002L || !defined(__cpp_exceptions)
#error "harpia needs C++20 and exceptions: compile with -std=c++20 or later, and without -fno-exceptions"
#endif

/// Marks the symbols that a shared library of harpia exports to programs; all others are hidden.
#define HARPIA_API __attribute__((visibility("default")))

/// Marks symbols that are exported for the test kit only. They are not public API.
#define HARPIA_KIT_API __attribute__((visibility("default")))
