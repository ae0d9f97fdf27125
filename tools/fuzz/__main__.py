"""Fuzzes every kind of file that comes from outside, each for some minutes.

python -m tools.fuzz [--minutes N] [TARGET…]

What breaks the contract is kept in tools/fuzz/finds/: turn it into a test, and mend the kind.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import secrets
import sys
import tempfile
import time
import traceback
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.story import Story
from tools.checkout import REPO
from tools.fuzz.targets import TARGETS, Input, Target

FINDS = REPO / "tools" / "fuzz" / "finds"


class Campaign:
    """One target, for some minutes. The same fault is told once."""

    def __init__(self, name: str, target: Target) -> None:
        self.name = name
        self.target = target
        self.tried = 0
        self.faults: dict[str, Path] = {}

    def run(self, minutes: float) -> None:
        end = time.monotonic() + 60 * minutes
        while time.monotonic() < end:
            self._round(secrets.randbits(64), 100, end)

    def try_some(self, count: int) -> None:
        """Tries so many files, the same ones each time."""
        self._round(0, count, math.inf)

    def _round(self, start: int, count: int, end: float) -> None:
        # Not shrunk: the inputs are few edits of a file that is right. Hypothesis seeds `random`.
        @seed(start)
        @settings(
            max_examples=count,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(self.target.inputs)
        def attempt(given_files: Input) -> None:
            if time.monotonic() < end:
                self._attempt(given_files)

        attempt()

    def _attempt(self, files: Input) -> None:
        self.tried += 1
        try:
            self.target.attempt(files)
        except Exception as error:
            *_, last = traceback.extract_tb(error.__traceback__)
            what = f"{type(error).__name__}: {error}"
            key = re.sub(r"/\S+|[0-9a-f]{6,}|\d+|'.*?'|\".*?\"", "…", f"{last.name} {what}")[:120]
            if key not in self.faults:
                self.faults[key] = self._keep(files, what)
                print(f"  {self.name}: {what[:400]}\n    kept in {self.faults[key]}", flush=True)

    def _keep(self, files: Input, what: str) -> Path:
        place = FINDS / f"{self.name}-{len(self.faults)}-{secrets.token_hex(4)}"
        for name, data in files.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(data)
        (place / "what.json").write_text(json.dumps({"target": self.name, "what": what}) + "\n")
        return place


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.fuzz")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--minutes", type=float, default=10)
    wanted = parser.parse_args(words)
    broken = 0
    with tempfile.TemporaryDirectory(prefix="signed-plan-fuzz-") as place:
        (Path(place) / "story").mkdir()
        story = Story(Path(place) / "story")
        for name in wanted.targets or TARGETS:
            work = Path(place) / name
            work.mkdir()
            tempfile.tempdir = str(work)
            target = TARGETS[name](story, work)
            campaign = Campaign(name, target)
            try:
                campaign.run(wanted.minutes)
            finally:
                target.close()
            broken += len(campaign.faults)
            print(
                f"{name}: {campaign.tried} files, {len(campaign.faults)} kinds of fault", flush=True
            )
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
