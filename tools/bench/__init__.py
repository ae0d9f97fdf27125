"""Speed beside others, as ratios of runs that take turns."""
