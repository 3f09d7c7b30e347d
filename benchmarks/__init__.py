"""Measurements of Hisab against plain DuckDB and against the programs people would pick instead.

Nothing here is part of the product: `make bench` generates seeded data under `benchmarks/.data`, runs whole processes
in turn, and writes the ratios into `benchmarks/README.md`.
"""
