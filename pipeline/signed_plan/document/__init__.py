"""From a plan to the Word file and the PDF with its sign-off pages."""
