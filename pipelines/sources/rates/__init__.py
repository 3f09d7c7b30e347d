"""Exchange rates from files: the European Central Bank's, a bank's, and those a person typed in."""
