"""Entries on their way to another app: read from the warehouse, written in the app's own layout, with a report."""
