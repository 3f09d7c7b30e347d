"""Moves data from its sources into the warehouse; also the Dagster code location."""
