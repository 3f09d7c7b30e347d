"""Makes this folder importable, so that the tests below it share `file_reading`."""
