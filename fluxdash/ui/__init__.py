"""The page in the browser: its parts, its addresses and its callbacks."""
