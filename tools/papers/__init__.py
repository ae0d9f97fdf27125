"""`make papers`: writes what the papers quote from the program itself, so that it stays true."""
