"""What the commands do and print; one module per kind of work."""
