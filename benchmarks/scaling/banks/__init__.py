"""What rows are made of: words that hold sentences together, tasks, pieces of programs."""
