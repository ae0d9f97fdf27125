"""Every error is a sentence, a remedy, and an exit code that no other kind has."""

from __future__ import annotations

from signed_plan.errors import (
    ExitCode,
    PlanError,
    Problem,
    SourceError,
    explain_os_error,
    explain_unexpected,
)


def kinds(error: type[PlanError] = PlanError) -> list[type[PlanError]]:
    return [error, *(found for kind in error.__subclasses__() for found in kinds(kind))]


def test_no_two_kinds_of_error_share_an_exit_code_except_the_general_ones() -> None:
    codes = [kind.exit_code for kind in kinds() if kind.exit_code != PlanError.exit_code]
    assert sorted(codes) == list(range(2, 14))


def test_every_exit_code_except_two_is_that_of_an_error() -> None:
    assert set(ExitCode) - {kind.exit_code for kind in kinds()} == {
        ExitCode.OK,
        ExitCode.INTERRUPTED,
    }


def test_the_numbers_of_the_exit_codes_are_a_promise() -> None:
    assert {name: code.value for name, code in ExitCode.__members__.items()} == {
        "OK": 0,
        "FAILED": 1,
        "DIFFERENT": 1,
        "USAGE": 2,
        "SOURCE": 3,
        "TEMPLATE": 4,
        "MISSING": 5,
        "CONVERSION": 6,
        "FROZEN": 7,
        "VERIFICATION": 8,
        "SIGNING": 9,
        "SERVICE": 10,
        "OLDER_STATE": 11,
        "OTHER_FILE": 12,
        "BATCH": 13,
        "INTERRUPTED": 130,
    }


def test_an_error_keeps_its_sentence_and_its_remedy() -> None:
    error = PlanError("It is broken.", "Mend it.")
    assert (str(error), error.message, error.remedy) == (
        "It is broken.",
        "It is broken.",
        "Mend it.",
    )


def test_a_problem_s_place_is_file_line_and_column() -> None:
    assert Problem("source/a.yaml", 3, 7, "", "").place == "source/a.yaml:3:7"


def test_a_source_error_counts_its_problems() -> None:
    one = Problem("a", 1, 1, "", "")
    assert SourceError([one]).message == "1 problem in the sources"
    assert SourceError([one, one]).message == "2 problems in the sources"


def test_of_what_should_not_have_happened_no_word_is_shown_that_may_be_a_secret() -> None:
    assert explain_unexpected(ValueError("b'lamp orange kitten'")) == (
        "Something went wrong that should not have: ValueError."
    )


def test_what_the_system_refused_is_one_sentence() -> None:
    refused = PermissionError(13, "Permission denied", "output/register.jsonl")
    assert explain_os_error(refused) == (
        "output/register.jsonl cannot be read or written: Permission denied."
    )
    assert explain_os_error(OSError(28, "No space left on device")).startswith("A file cannot be")
