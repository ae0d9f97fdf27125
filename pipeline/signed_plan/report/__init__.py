"""What changed and who stands behind it, shown: to governors, and as JSON."""
