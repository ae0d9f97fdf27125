"""Work can be done without showing its steps."""

from __future__ import annotations

import pytest
from signed_plan.progress import Progress, silent


def test_a_silent_step_shows_nothing_and_hides_no_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    progress: Progress = silent
    with pytest.raises(ValueError, match="in the step"), progress("Read the sources"):
        raise ValueError("in the step")
    assert capsys.readouterr() == ("", "")
