"""The plan at every step of its life, as the tests of `verify/` have it."""

from tests.verify.conftest import after, anew, stamped, story  # noqa: F401
