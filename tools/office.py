"""LibreOffice as a second judge of redlines: it opens Word files, accepts or rejects every change,
saves them. And as one more program that makes redlines.

One start of LibreOffice does a whole batch.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from signed_plan.libreoffice.converter import find_libreoffice
from signed_plan.libreoffice.profile import MACRO, lay_out_profile

What = Literal["accept", "reject", "keep"]

_MACRO = """
Sub Main
  Dim jobs As Integer, line As String, parts
  On Error GoTo Ended
  jobs = FreeFile()
  Open Environ("REDLINE_JOBS") For Input As #jobs
  Do While Not Eof(jobs)
    Line Input #jobs, line
    parts = Split(line, Chr(9))
    Resolve(parts(0), parts(1), parts(2))
  Loop
  Close #jobs
Ended:
  StarDesktop.terminate()
End Sub

Sub Resolve(what As String, source As String, target As String)
  Dim how(1) As New com.sun.star.beans.PropertyValue
  Dim other(0) As New com.sun.star.beans.PropertyValue
  Dim none()
  Dim doc As Object, dispatcher As Object, frame As Object
  On Error GoTo Ended
  how(0).Name = "Hidden"
  how(0).Value = True
  how(1).Name = "FilterName"
  how(1).Value = "MS Word 2007 XML"
  doc = StarDesktop.loadComponentFromURL(source, "_blank", 0, how())
  dispatcher = createUnoService("com.sun.star.frame.DispatchHelper")
  frame = doc.CurrentController.Frame
  If what = "accept" Then
    dispatcher.executeDispatch(frame, ".uno:AcceptAllTrackedChanges", "", 0, none())
  ElseIf what = "reject" Then
    dispatcher.executeDispatch(frame, ".uno:RejectAllTrackedChanges", "", 0, none())
  ElseIf what <> "keep" Then
    other(0).Name = "URL"
    other(0).Value = what
    dispatcher.executeDispatch(frame, ".uno:CompareDocuments", "", 0, other())
  End If
  doc.storeToURL(target, how())
  doc.close(True)
Ended:
End Sub
"""


def resolved_by_office(
    jobs: Sequence[tuple[bytes, What]], folder: Path, seconds: float = 300
) -> list[bytes]:
    """The Word files as LibreOffice saves them after having done that with each."""
    return _run([(what, docx) for docx, what in jobs], folder, seconds)


def compared_by_office(
    pairs: Sequence[tuple[bytes, bytes]], folder: Path, seconds: float = 300
) -> list[bytes]:
    """LibreOffice's own redlines of older and newer Word files."""
    jobs = []
    for at, (old, new) in enumerate(pairs):
        older = folder / f"{at}-older.docx"
        older.write_bytes(old)
        jobs.append((older.as_uri(), new))
    return _run(jobs, folder, seconds)


def _run(jobs: Sequence[tuple[str, bytes]], folder: Path, seconds: float) -> list[bytes]:
    profile = folder / "profile"
    lay_out_profile(profile, _MACRO)
    lines, targets = [], []
    for at, (what, docx) in enumerate(jobs):
        source, target = folder / f"{at}.docx", folder / f"{at}-made.docx"
        source.write_bytes(docx)
        lines.append("\t".join((what, source.as_uri(), target.as_uri())))
        targets.append(target)
    (folder / "jobs").write_text("\n".join(lines), encoding="ascii")
    subprocess.run(
        [
            str(find_libreoffice().program),
            f"-env:UserInstallation={profile.as_uri()}",
            *("--headless", "--nologo", "--norestore", "--nolockcheck"),
            f"{MACRO}Main",
        ],
        env=os.environ | {"REDLINE_JOBS": str(folder / "jobs"), "SAL_USE_VCLPLUGIN": "svp"},
        timeout=seconds,
        check=True,
        capture_output=True,
    )
    return [target.read_bytes() for target in targets]
