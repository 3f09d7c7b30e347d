"""A pretend YNAB: one person's plan, eighteen months of it and more, and what changes in it from day to day."""
