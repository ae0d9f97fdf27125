"""`make redlines`: how exact redlines are, ours and other programs', on the same 40 pairs."""
