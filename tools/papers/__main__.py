"""Writes what the papers quote from the program itself, so that it stays true.

python -m tools.papers
"""

from __future__ import annotations

import sys

from tools.checkout import REPO
from tools.papers import house, lists
from tools.papers.transcripts import rewrite

STORIES = (("README.md",), ("docs/clerk.md", "docs/auditor.md"))
"""Papers that quote commands; those of one story share a plan folder."""


def main() -> int:
    house.write()
    lists.write()
    for story in STORIES:
        papers = [(REPO / name).read_text(encoding="utf-8") for name in story]
        for name, paper in zip(story, rewrite(papers), strict=True):
            (REPO / name).write_text(paper, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
