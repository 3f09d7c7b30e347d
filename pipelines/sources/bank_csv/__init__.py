"""Bank statements in CSV, one small TOML profile per layout instead of code per bank."""
