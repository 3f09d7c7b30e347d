"""Land, decode, check, merge: the one road every source travels."""
