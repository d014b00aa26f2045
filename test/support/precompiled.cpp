// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.

// The source of a target that has nothing but precompiled headers.
