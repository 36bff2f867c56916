"""What a viewer is told when a real server fails, and that nothing is made up meanwhile."""
