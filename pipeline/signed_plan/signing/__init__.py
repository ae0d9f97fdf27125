"""Keys, certificates and signatures: what is done to the bytes of a PDF, and what they prove."""
