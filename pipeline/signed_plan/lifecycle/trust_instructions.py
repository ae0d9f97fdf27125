"""Half a page: how to make Adobe Reader trust the office's certificates."""

from __future__ import annotations

from cryptography import x509

from signed_plan.signing.identity import certificate_digest

_TEXT = """\
How to trust the signatures of {organisation}
{line}

The office signs with certificates of its own. Adobe Reader does not know them yet, so it shows
signed plans with "At least one signature has problems". Do this once on each computer:

 1. Save the file {file} that came with this page.
 2. In Adobe Reader open Edit > Preferences > Signatures (on a Mac: Acrobat Reader > Settings),
    and at "Identities & Trusted Certificates" choose More.
 3. Choose Trusted Certificates, then Import, then Browse, and open {file}.
    If you do not see it there, choose "All files" beside its name.
 4. Select the certificate in the upper list, choose Trust, tick "Use this certificate as a
    trusted root" and "Certified documents", and choose OK.
 5. Before you rely on it, compare its fingerprint. Select it, choose Certificate Details, and
    look for "SHA-256 digest" (in other programs: "SHA-256 fingerprint"). It has to be:

      {first}
      {second}

    Ask the office to read it to you over the telephone, or compare it with the receipt of a
    sealed plan: an e-mail alone proves nothing.

If you did not get the file: click the office's seal in the plan, choose Signature Properties, and
Show Signer's Certificate. Select the uppermost name, choose Trust, and Add to Trusted Certificates.

From then on a signed plan opens with "Signed and all signatures are valid".
The certificate is valid until {until}.
"""


def how_to_trust(organisation: str, root: x509.Certificate, file: str) -> str:
    """The page that goes with a file of the root certificate.

    It has the certificate's SHA-256 as Adobe Reader writes it.
    """
    digits = certificate_digest(root).hex.upper()
    pairs = [digits[at : at + 2] for at in range(0, 64, 2)]
    title = f"How to trust the signatures of {organisation}"
    until = root.not_valid_after_utc
    return _TEXT.format(
        organisation=organisation,
        file=file,
        line="=" * len(title),
        first=" ".join(pairs[:16]),
        second=" ".join(pairs[16:]),
        until=f"{until.day} {until:%B %Y}",
    )
