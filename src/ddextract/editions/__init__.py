"""What changed between two editions, two runs, or over the years of a state, and why."""
