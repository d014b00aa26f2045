# Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
"""What benchmarks/run measures, and how it tells the figures."""
