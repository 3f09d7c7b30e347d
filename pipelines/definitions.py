"""The Dagster code location: everything under `pipelines.defs`, and nothing else."""

from __future__ import annotations

import dagster as dg

from pipelines import defs as folder

defs = dg.load_definitions_from_package_module(folder)
