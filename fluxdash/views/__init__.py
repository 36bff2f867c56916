"""How an answer is drawn: pure functions from answers to figures and components."""
