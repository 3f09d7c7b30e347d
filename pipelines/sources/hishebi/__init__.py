"""Hishebi Online: a household ledger with an API. How it is read is told in docs/hishebi.md."""
