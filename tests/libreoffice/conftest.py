"""The files that the tests of `document/` look at."""

from tests.document.conftest import both, july, made_up, november, papers  # noqa: F401
