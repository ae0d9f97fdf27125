"""What the pages of a finished PDF show to the eye, and whether it is what they should show."""
