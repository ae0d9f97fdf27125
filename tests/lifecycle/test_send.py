"""Sending the present PDF: as drafts, or by a real mail server, and what is entered of it."""

from __future__ import annotations

import email
import email.policy
import json
import subprocess
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult
from signed_plan.digest import Digest
from signed_plan.errors import ServiceError, SigningError, UsageError, VerificationError
from signed_plan.lifecycle.prompts import Prompt
from signed_plan.lifecycle.send import send
from signed_plan.paths import PlanFolder
from signed_plan.plan.settings import Mail

from tests.lifecycle.helpers import (
    WRONG,
    demand_registered,
    events,
    nobody,
    refused,
    register_of,
    set_settings,
)
from tests.lifecycle.mail_server import Authority, Box, free_port, mail_server
from tests.register.sample_events import records
from tests.story import ANDY, CAROLE, EVERYBODY, JULY, KEVIN, NOVEMBER, PASSWORD, SALLY, prompts

At = Callable[[str], PlanFolder]


def write_to(folder: PlanFolder, *people: str, mail: Mail | None = None) -> None:
    lines = ["people:"]
    for person in people:
        lines += [f"  {person}:", f"    email: {person}@school.example"]
    if mail is not None:
        lines += [
            "mail:",
            f"  server: {mail.server}",
            f"  port: {mail.port}",
            f"  security: {mail.security}",
            f"  user: {mail.user}",
            f"  sender: {json.dumps(mail.sender, ensure_ascii=False)}",
        ]
    set_settings(folder, *lines)


def parsed(data: bytes) -> EmailMessage:
    found = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def attachments(letter: EmailMessage) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for part in letter.iter_attachments():
        content = part.get_content()
        name = part.get_filename() or ""
        found[name] = content.encode() if isinstance(content, str) else content
    return found


def body(letter: EmailMessage) -> str:
    part = letter.get_body(("plain",))
    assert part is not None
    return " ".join(part.get_content().split())


def last(folder: PlanFolder) -> dict[str, Any]:
    return records(register_of(folder))[-1]


# -------------------------------------------------------------------------------------- drafts


def test_a_draft_carries_the_registered_pdf_byte_for_byte(at: At) -> None:
    folder = at("july issued")
    write_to(folder, *EVERYBODY)
    sending = send(folder, JULY, prompts())
    assert [path.name for path in sending.drafts] == [f"{person}.eml" for person in EVERYBODY]
    letter = parsed(sending.drafts[0].read_bytes())
    assert letter["To"].addresses[0].addr_spec == f"{CAROLE}@school.example"
    assert letter["X-Unsent"] == "1"
    held = attachments(letter)
    assert held[f"action-plan-{JULY}.pdf"] == folder.pdf(JULY).read_bytes()
    assert list(held) == [f"action-plan-{JULY}.pdf", "office-root.p7b", "how-to-trust.txt"]


def test_what_was_drafted_is_entered_with_the_state_of_the_pdf(at: At) -> None:
    folder = at("july issued")
    write_to(folder, *EVERYBODY)
    send(folder, JULY, prompts())
    entry = last(folder)
    assert (entry["event"], entry["version"], entry["way"]) == ("sent", JULY, "drafts")
    assert entry["to"] == list(EVERYBODY)
    assert entry["pdf"] == Digest.of_file(folder.pdf(JULY)).hex
    demand_registered(folder)


@pytest.mark.slow("builds, signs, or starts a process")
def test_each_person_gets_the_letter_that_is_for_them_now(at: At) -> None:
    folder = at("july, Carole")
    write_to(folder, CAROLE, SALLY, ANDY)
    said = [body(parsed(path.read_bytes())) for path in send(folder, JULY, prompts()).drafts]
    assert "You have signed it, and need not do anything more." in said[0]
    assert "it is your turn to sign version 2017-07" in said[1]
    assert "Please wait, and do not sign the attached file." in said[2]


BLOCKED_BY_OUTLOOK = frozenset(
    """ade adp app appcontent-ms application appref-ms asp aspx asx bas bat bgi cab cdxml
    cer chm cmd cnt com cpl crt csh der diagcab exe fxp gadget grp hlp hpj hta htc inf ins
    iso isp its jar jnlp js jse ksh lnk mad maf mag mam maq mar mas mat mau mav maw mcf
    mda mdb mde mdt mdw mdz msc msh msi msp mst msu ops osd pcd pif pl plg prf prg
    printerexport ps1 ps2 psc1 psc2 psd1 psdm1 pst py pyc pyo pyw pyz pyzw rdp reg scf scr
    sct settingcontent-ms shb shs theme tmp url vb vbe vbp vbs vhd vhdx vsmacros vsw
    webpnp website ws wsb wsc wsf wsh xbap xll xnk""".split()
)
"""Endings that Outlook holds back, as Microsoft lists them under "Blocked attachments"."""


@pytest.mark.parametrize("step", ["july issued", "july sealed"])
def test_outlook_lets_every_attachment_through(at: At, step: str) -> None:
    folder = at(step)
    write_to(folder, CAROLE)
    (draft,) = send(folder, JULY, prompts()).drafts
    endings = {name.rpartition(".")[2] for name in attachments(parsed(draft.read_bytes()))}
    assert endings == {"pdf", "p7b", "txt"}
    assert not endings & BLOCKED_BY_OUTLOOK


def test_the_certificate_that_goes_with_a_letter_is_the_offices_root(
    at: At, tmp_path: Path
) -> None:
    folder = at("july issued")
    write_to(folder, CAROLE)
    (draft,) = send(folder, JULY, prompts()).drafts
    held = attachments(parsed(draft.read_bytes()))
    (tmp_path / "root.p7b").write_bytes(held["office-root.p7b"])
    words = [
        "openssl",
        "pkcs7",
        "-inform",
        "DER",
        "-in",
        str(tmp_path / "root.p7b"),
        "-print_certs",
    ]
    printed = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    root = (folder.certificates / "office-root.crt").read_text(encoding="ascii")
    assert printed.count("BEGIN CERTIFICATE") == 1
    assert root.strip() in printed
    page = held["how-to-trust.txt"].decode()
    assert "office-root.p7b" in page
    assert ".crt" not in page


def test_after_sealing_the_receipt_goes_with_it(at: At) -> None:
    folder = at("july sealed")
    write_to(folder, KEVIN)
    (draft,) = send(folder, JULY, prompts()).drafts
    letter = parsed(draft.read_bytes())
    held = attachments(letter)
    assert held[f"receipt-{JULY}.pdf"] == folder.receipt(JULY).read_bytes()
    assert held[f"action-plan-{JULY}.pdf"] == folder.pdf(JULY).read_bytes()
    assert "signed and sealed" in letter["Subject"]
    assert f"Keep the receipt, receipt-{JULY}.pdf, in a place of your own" in body(letter)


def test_whoever_has_no_address_is_told_and_the_others_are_written_to(at: At) -> None:
    folder = at("july issued")
    write_to(folder, SALLY)
    sending = send(folder, JULY, prompts())
    assert [person.id for person in sending.to] == [SALLY]
    assert [person.id for person in sending.without_address] == [CAROLE, ANDY, KEVIN]
    assert last(folder)["to"] == [SALLY]


# ------------------------------------------------------------------------------------ refusals


def test_without_any_address_nobody_is_written_to(at: At) -> None:
    told = "Nobody who signs version 2017-07 has an e-mail address"
    with refused(folder := at("july issued"), UsageError, told, "below people:"):
        send(folder, JULY, nobody())


def test_a_draft_of_the_plan_is_not_sent(at: At) -> None:
    folder = at("enrolled")
    write_to(folder, CAROLE)
    with refused(folder, SigningError, "has not been issued yet", "plan issue 2017-11"):
        send(folder, NOVEMBER, nobody())


def test_a_changed_pdf_is_not_sent(at: At) -> None:
    folder = at("july issued")
    write_to(folder, CAROLE)
    folder.pdf(JULY).write_bytes(b"%PDF-1.7\n")
    with refused(folder, VerificationError, "is not the file that the register knows"):
        send(folder, JULY, nobody())


def test_a_wrong_passphrase_sends_nothing(at: At) -> None:
    folder = at("july issued")
    write_to(folder, CAROLE)
    with refused(folder, SigningError, "does not open the key of the office"):
        send(folder, JULY, prompts(office=WRONG))


# --------------------------------------------------------------------------------- mail server


@pytest.mark.slow("builds, signs, or starts a process")
def test_a_mail_server_takes_every_letter_and_that_is_entered(at: At, trusted: Authority) -> None:
    folder, box = at("july issued"), Box()
    asked: list[Prompt] = []
    with mail_server(box, trusted.context()) as settings:
        write_to(folder, CAROLE, SALLY, mail=settings)
        sending = send(folder, JULY, prompts(asked=asked))
    assert [one.kind for one in asked] == ["office", "mail"]
    assert (sending.way, sending.drafts) == ("smtp", ())
    assert [to for _, to, _ in box.letters] == [
        [f"{person}@school.example"] for person in (CAROLE, SALLY)
    ]
    for _, _, data in box.letters:
        held = attachments(parsed(data))
        assert held[f"action-plan-{JULY}.pdf"] == folder.pdf(JULY).read_bytes()
    assert (last(folder)["way"], last(folder)["to"]) == ("smtp", [CAROLE, SALLY])
    assert PASSWORD not in folder.register.read_text(encoding="utf-8")


def test_a_server_that_is_down_leaves_no_entry(at: At, trusted: Authority) -> None:
    folder = at("july issued")
    down = Mail.model_validate(
        {"server": "localhost", "port": free_port(), "user": "x", "sender": "x@school.example"}
    )
    write_to(folder, CAROLE, mail=down)
    with refused(folder, ServiceError, "The mail server localhost cannot be reached"):
        send(folder, JULY, prompts())


class Fussy(Box):
    """Refuses the letters to Sally."""

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if address.startswith(SALLY):
            return "550 5.1.1 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"


@pytest.mark.slow("builds, signs, or starts a process")
def test_those_who_were_written_to_are_entered_though_another_was_refused(
    at: At, trusted: Authority
) -> None:
    folder, box = at("july issued"), Fussy()
    with mail_server(box, trusted.context()) as settings:
        write_to(folder, CAROLE, SALLY, ANDY, mail=settings)
        with pytest.raises(ServiceError, match="refused the address sally") as caught:
            send(folder, JULY, prompts())
    assert "\n" not in caught.value.message
    assert len(box.letters) == 2
    assert last(folder)["to"] == [CAROLE, ANDY]
    assert events(folder)[-1] == "sent"
    demand_registered(folder)


def test_a_wrong_password_for_the_server_leaves_no_entry(at: At, trusted: Authority) -> None:
    folder = at("july issued")
    with mail_server(Box(), trusted.context()) as settings:
        wrong = settings.model_copy(update={"user": "nobody@school.example"})
        write_to(folder, CAROLE, mail=wrong)
        with refused(folder, ServiceError, "refused the log-in"):
            send(folder, JULY, prompts())


@pytest.mark.slow("builds, signs, or starts a process")
def test_after_a_server_that_takes_no_passwords_the_remedy_leads_to_drafts(
    at: At, trusted: Authority
) -> None:
    folder = at("july issued")

    def off(*_: Any) -> AuthResult:
        said = "535 5.7.139 Authentication unsuccessful, basic authentication is disabled."
        return AuthResult(success=False, handled=False, message=said)

    with mail_server(Box(), trusted.context(), authenticator=off) as settings:
        write_to(folder, CAROLE, mail=settings)
        with refused(folder, ServiceError, "Microsoft 365 has turned", "Delete the section mail:"):
            send(folder, JULY, prompts())
    write_to(folder, CAROLE)  # the same settings without mail:
    assert len(send(folder, JULY, prompts()).drafts) == 1


def test_letters_are_files_that_say_what_they_are(at: At) -> None:
    folder = at("july issued")
    write_to(folder, CAROLE)
    (draft,) = send(folder, JULY, prompts()).drafts
    assert draft == Path(folder.output / JULY / "letters" / f"{CAROLE}.eml")
