"""A worker on this machine, as a program: it reads a job a line, and writes a result a line.

When its standard input ends, it ends itself and its LibreOffice.
"""

from __future__ import annotations

import json
import logging
import os
import sys

from signed_plan.batch.job import Job, build_job, close_converter


def main() -> None:
    """Works until standard input ends."""
    logging.disable()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a library may print anything
    for line in sys.stdin:
        result = build_job(Job(**json.loads(line)))
        print(json.dumps(result.as_data()), file=answers, flush=True)
    close_converter()


if __name__ == "__main__":
    main()
