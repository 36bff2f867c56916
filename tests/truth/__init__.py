"""Every number against the requests it must come from, on real servers."""
