"""What Dagster sees: assets, checks, jobs, schedules, resources. Thin: each calls a room below."""
