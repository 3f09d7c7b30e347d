"""Receivers of webhooks: who may send, what was sent, what is kept of it and what it sets going."""
