"""Signed Plan: from YAML to the formal document, with proof of what was agreed."""
