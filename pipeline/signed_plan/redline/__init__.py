"""A Word file with native tracked changes: accept all is the new version, reject all the old."""
