"""The read API: the very same questions and answers as the panels, as JSON."""
