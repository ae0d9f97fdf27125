"""A PDF taken apart: its sources, its signatures, what it prints; and built again."""
