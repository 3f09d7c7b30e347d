"""Hishebi Online: client, pull and decoding."""
