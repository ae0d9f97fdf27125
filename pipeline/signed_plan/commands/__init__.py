"""The words of the command `plan`: each calls one room and says what came of it."""
