"""The life of a version: built, issued, sent, signed, received, scanned, declined, sealed."""
