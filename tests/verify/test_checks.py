"""Verification as it is narrated: it ends, and never crashes, at what does not hold."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from signed_plan.errors import (
    ExitCode,
    OlderStateError,
    OtherFileError,
    PlanError,
    Problem,
    SourceError,
    VerificationError,
)
from signed_plan.verify.checks import (
    Check,
    Differs,
    Older,
    SameWords,
    Verdict,
    VerdictKind,
    narrate,
    require_verified,
)


def fail(error: Exception) -> Callable[[], object]:
    def check() -> object:
        raise error

    return check


def told(error: Exception, version: str = "2017-11") -> Verdict:
    checks: list[Check] = [
        ("", "one", lambda: None),
        (version, "two", fail(error)),
        ("", "three", fail(AssertionError("is not asked any more"))),
    ]
    steps, verdict = narrate(checks, lambda version: f"Mend {version}.")
    assert verdict is not None
    assert verdict.steps == steps
    assert [(step.number, step.what) for step in steps] == [(1, "one"), (2, "two")]
    assert not steps[0].difference
    return verdict


def test_checks_that_all_hold_are_numbered_and_give_no_verdict_yet() -> None:
    steps, verdict = narrate([("", "one", lambda: 1), ("a", "two", lambda: 2)], str)
    assert [(step.number, step.version, step.difference) for step in steps] == [
        (1, "", ""),
        (2, "a", ""),
    ]
    assert verdict is None


ERRORS: dict[str, tuple[Exception, VerdictKind, str]] = {
    "a difference": (
        Differs("it is red"),
        "differs",
        "NOT VERIFIED",
    ),
    "an older state": (Older("it is red"), "older", "AN OLDER STATE"),
    "the same words": (SameWords("it is red"), "same words", "ANOTHER FILE"),
    "an error of ours": (PlanError("it is red."), "differs", "NOT VERIFIED"),
    "an error of the system": (
        PermissionError(13, "it is red", "a.pdf"),
        "differs",
        "NOT VERIFIED",
    ),
    "a mistake in a source": (
        SourceError([Problem("a.yaml", 2, 3, "it is red", "")]),
        "differs",
        "NOT VERIFIED",
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_the_first_check_that_does_not_hold_is_the_verdict(name: str) -> None:
    error, kind, word = ERRORS[name]
    verdict = told(error)
    assert (verdict.kind, verdict.holds) == (kind, False)
    assert verdict.sentence.startswith(f"{word} at step 2 (version 2017-11, two): ")
    assert "it is red" in verdict.sentence
    assert not verdict.sentence.endswith(".")
    assert verdict.remedy == "Mend 2017-11."


@pytest.mark.parametrize(
    "error", [KeyError("size"), IndexError(), TypeError(), AttributeError(), ValueError()]
)
def test_an_entry_that_says_too_little_is_a_difference_and_no_crash(error: Exception) -> None:
    said = "NOT VERIFIED at step 2 (two): its entry does not say what such an entry says"
    assert told(error, "").sentence == said


@pytest.mark.parametrize(
    ("kind", "error", "code"),
    [
        ("differs", VerificationError, ExitCode.VERIFICATION),
        ("older", OlderStateError, ExitCode.OLDER_STATE),
        ("same words", OtherFileError, ExitCode.OTHER_FILE),
    ],
)
def test_each_kind_of_difference_is_an_error_with_an_exit_code_of_its_own(
    kind: VerdictKind, error: type[PlanError], code: ExitCode
) -> None:
    with pytest.raises(VerificationError) as caught:
        require_verified(Verdict((), "It differs.", "Mend it.", kind))
    assert type(caught.value) is error
    assert caught.value.exit_code == code
    assert (caught.value.message, caught.value.remedy) == ("It differs.", "Mend it.")


def test_a_verdict_that_holds_is_no_error() -> None:
    require_verified(Verdict((), "VERIFIED", "", "verified"))
