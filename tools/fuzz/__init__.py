"""Made-up damage, for as long as one likes: nothing that comes from outside may do harm."""
