"""The record of every version: append-only, chained, and checkable."""
