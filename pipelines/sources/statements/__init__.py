"""Bank statement files, one module per format."""
