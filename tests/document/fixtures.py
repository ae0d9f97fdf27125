"""The papers that many tests look at, made once for the whole run."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfWriter

from tests.document.broken import Patient
from tests.document.helpers import MADE_UP, Papers, make_papers, real_versions
from tests.helpers import VERSIONS


@pytest.fixture(scope="session")
def both(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Papers]:
    """The two real versions, rendered, converted and finished; by name."""
    made = make_papers(real_versions(), tmp_path_factory.mktemp("papers"))
    return {papers.version.name: papers for papers in made}


@pytest.fixture(scope="session", params=VERSIONS)
def papers(request: pytest.FixtureRequest, both: dict[str, Papers]) -> Papers:
    """One of the two real versions after the other."""
    return both[request.param]


@pytest.fixture(scope="session")
def july(both: dict[str, Papers]) -> Papers:
    return both["2017-07"]


@pytest.fixture(scope="session")
def november(both: dict[str, Papers]) -> Papers:
    return both["2017-11"]


@pytest.fixture(scope="session")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Papers]:
    """Made-up plans for what the real ones do not hold, converted in one start of LibreOffice."""
    folder = tmp_path_factory.mktemp("made-up")
    versions = {name: make(folder / name) for name, make in MADE_UP.items()}
    return dict(zip(versions, make_papers(list(versions.values()), folder), strict=True))


@pytest.fixture(scope="session")
def finished(november: Papers) -> PdfWriter:
    """The November plan's finished PDF, open to changes; to be used by way of `patient` alone."""
    return PdfWriter(clone_from=io.BytesIO(november.pdf))


@pytest.fixture
def patient(finished: PdfWriter, monkeypatch: pytest.MonkeyPatch) -> Patient:
    """That PDF, to be broken; it is whole again for the next test."""
    return Patient(finished, monkeypatch)
