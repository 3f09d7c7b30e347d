"""One folder per system that records come from; wire formats only, no Dagster and no DuckDB."""
