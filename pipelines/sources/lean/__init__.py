"""Lean: open banking in the UAE and Saudi Arabia. How it is read is told in docs/lean.md."""
