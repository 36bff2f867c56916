"""Where each kind of gateway keeps what can be asked of it: data, not code."""
