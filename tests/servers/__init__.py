"""Real servers for tests: each in a temporary folder, on a free port of the loopback, gone afterwards."""
