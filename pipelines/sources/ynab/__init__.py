"""YNAB: plans with envelopes, read through its API v1. How they are read is told in docs/ynab.md."""
