"""How FluxDash is run: what it counts and logs of itself, and how its processes start, reload and stop together."""
