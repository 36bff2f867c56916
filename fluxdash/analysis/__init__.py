"""What follows from numbers; pure, it reads nothing and draws nothing."""
