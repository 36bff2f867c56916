"""How an answer is fetched: all I/O to Prometheus and the request log happens in this room."""
