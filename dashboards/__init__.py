"""Dashboards as code: one YAML per dashboard, and what turns it into a page."""
