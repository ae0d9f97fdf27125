"""LibreOffice: found, kept warm, given files and believed only as far as they can be checked."""
