"""Studies: what asks more of the gateway than plain questions within the page's window."""
