"""What changed from one version to another, word by word, by stable ids."""
