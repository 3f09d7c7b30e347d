"""Files people export from finance apps, one module per app."""
