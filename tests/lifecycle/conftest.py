"""The authority whose certificates the tests of letters trust."""

from __future__ import annotations

import pytest

from tests.lifecycle.mail_server import Authority


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """The authority, trusted by this process as by any program that looks at SSL_CERT_FILE."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.root))
    return authority
