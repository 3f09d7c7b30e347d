"""The rooms that own files: record kinds, keys, the working database, publishing and reading."""
