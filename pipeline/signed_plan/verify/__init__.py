"""Proof that nothing has moved: numbered checks, and one verdict. Reads, never writes."""
