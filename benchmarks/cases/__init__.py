"""The cases of `make bench`, one module each; every module's `measure` gives its rows of the table."""
