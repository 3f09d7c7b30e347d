"""Pretend servers for the APIs Hisab reads, with faults on demand."""
