"""What doctors leave for the editors: questions passed on, addresses for a reply, ratings of answers."""
