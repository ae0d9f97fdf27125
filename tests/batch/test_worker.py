"""The worker as a program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from tests.batch.helpers import job_for, processes, spoil, wait_for, write_small_plans
from tests.helpers import REPO


def test_it_answers_each_job_with_a_line_and_ends_with_its_input(tmp_path: Path) -> None:
    mark = f"SIGNED_PLAN_TEST={tmp_path}"
    name, value = mark.split("=")
    good, bad = write_small_plans(tmp_path / "in", 2)
    spoil(bad)
    jobs = [asdict(job_for(one, tmp_path / "out")) for one in (bad, good, good)]
    done = subprocess.run(
        [sys.executable, "-m", "signed_plan.batch.worker"],
        cwd=REPO,
        env=os.environ | {name: value},
        input="".join(f"{json.dumps(job)}\n" for job in jobs),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["status"] for one in told] == ["failed", "built", "up to date"]
    wait_for(lambda: not processes(mark), 10)
