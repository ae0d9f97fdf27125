"""A lock is told by the fields that nobody could sign any more."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name as named
from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec
from signed_plan.signing import locks
from signed_plan.signing.locks import locked_fields

OWN, OTHER, DONE = "own", "other", "done"


@pytest.fixture(autouse=True)
def three_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is being signed, one that waits, one that is signed."""
    fields = [(OWN, object(), None), (OTHER, None, None), (DONE, object(), None)]
    monkeypatch.setattr(locks, "enumerate_sig_fields", lambda _: iter(fields))


def locked(*references: generic.PdfObject) -> tuple[str, ...]:
    value = generic.DictionaryObject({named("/Reference"): generic.ArrayObject(references)})
    found: Any = SimpleNamespace(reader=None, field_name=OWN, sig_object=value)
    return locked_fields(found)


def reference(method: str, params: generic.PdfObject | None = None) -> generic.DictionaryObject:
    words = {named("/TransformMethod"): named(method)}
    return generic.DictionaryObject(
        words if params is None else words | {named("/TransformParams"): params}
    )


def allowing(level: int) -> generic.DictionaryObject:
    return reference(
        "/DocMDP", generic.DictionaryObject({named("/P"): generic.NumberObject(level)})
    )


def of_fields(action: FieldMDPAction, *names: str) -> generic.DictionaryObject:
    return reference("/FieldMDP", FieldMDPSpec(action, list(names)).as_transform_params())


def test_no_changes_locks_what_is_still_to_be_signed() -> None:
    assert locked(allowing(1)) == (OTHER,)
    assert locked(allowing(2)) == locked(allowing(3)) == locked(reference("/DocMDP")) == ()


def test_a_lock_of_fields_counts_for_others_that_wait() -> None:
    assert locked(of_fields(FieldMDPAction.ALL)) == (OTHER,)
    assert locked(of_fields(FieldMDPAction.INCLUDE, OWN, OTHER)) == (OTHER,)
    assert locked(of_fields(FieldMDPAction.EXCLUDE, OWN)) == (OTHER,)
    assert locked(of_fields(FieldMDPAction.INCLUDE, OWN, DONE)) == ()
    assert locked(of_fields(FieldMDPAction.EXCLUDE, OTHER)) == ()


def test_every_entry_counts_and_none_locks_nothing() -> None:
    assert locked(of_fields(FieldMDPAction.INCLUDE, OWN), allowing(1)) == (OTHER,)
    assert locked(reference("/Identity")) == locked() == ()


def test_what_is_no_lock_at_all_is_an_error() -> None:
    with pytest.raises(ValueError, match="no dictionary"):
        locked(named("/All"))
