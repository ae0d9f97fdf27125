"""The life of a version: issued, signed, sealed, sent; each an event in the register."""
