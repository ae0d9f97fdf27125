"""What the schools agreed: the sources, read into one frozen plan for each version."""
