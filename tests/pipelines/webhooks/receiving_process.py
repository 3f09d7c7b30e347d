"""A receiver in a process of its own, so that a test can kill it: python receiving_process.py, with HISAB_HOME set."""

from __future__ import annotations

from pipelines.commands.serving import serve

if __name__ == "__main__":
    serve("127.0.0.1", 0)
