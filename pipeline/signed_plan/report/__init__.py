"""Shows what changed and who signed it: as a page for governors, and as JSON."""
