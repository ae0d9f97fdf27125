"""What changed between two versions, who has signed which words, and how to prove it later."""
