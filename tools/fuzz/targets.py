"""What is fuzzed: one class for each kind of file that comes from outside."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from signed_plan.document.recipe import Templates, make_plan
from signed_plan.errors import PlanError
from signed_plan.evidence.evidence import make_evidence
from signed_plan.libreoffice.converter import Converter, find_libreoffice
from signed_plan.lifecycle.session import unlock_office_keys
from signed_plan.paths import PlanFolder, shipped_templates
from signed_plan.plan.settings import load_settings
from signed_plan.plan.source import load_one
from signed_plan.signing.qr_scan import read_scan, suffix

from tests.story import (
    ANDY,
    JULY,
    OFFICE,
    SALLY,
    Story,
    elsewhere,
    field_of,
    key_file,
    phrase,
    prompts,
    scanned,
    sign_here,
    signed_by,
)
from tools.checkout import copy_plan
from tools.fuzz import mutations
from tools.fuzz.contract import Broken, bounded, plan

Input = dict[str, bytes]
"""What a target is tried with: files by their names."""


_SETTINGS = """organisation: A School
keys: keys
order: listed
people:
  sally-beardsley:
    email: a@b.org
"""


class Target:
    """A kind of file: how it is made wrong, and what is tried with it."""

    inputs: st.SearchStrategy[Input]

    def __init__(self, story: Story, work: Path) -> None:
        self.story = story
        self.work = work

    def attempt(self, given: Input) -> None:
        """Raises Broken, or any other error, where the contract does not hold."""
        raise NotImplementedError

    def close(self) -> None:
        """Ends what it has started."""


class Yaml(Target):
    """Sources and settings: every command that reads them."""

    def __init__(self, story: Story, work: Path) -> None:
        super().__init__(story, work)
        self.folder = copy_plan(work / "plan")
        (self.folder.source / "settings.yaml").write_text(_SETTINGS)
        self.files = {
            path.relative_to(self.folder.source).as_posix(): path.read_bytes()
            for path in sorted(self.folder.source.rglob("*.yaml"))
        }
        changed = st.tuples(st.sampled_from(sorted(self.files)), mutations.edits(mutations.YAML))
        self.inputs = changed.map(
            lambda one: {one[0]: mutations.edited(self.files[one[0]], one[1])}
        )

    def attempt(self, given: Input) -> None:
        for name, data in given.items():
            (self.folder.source / name).write_bytes(data)
        try:
            for words in (["check"], ["status", "--json"], ["ids"], ["compare", "--no-pdf"]):
                code, said = plan(self.folder.root, *words)
                if code not in (0, 2, 3, 8):
                    raise Broken(f"plan {words[0]} ended with {code}: {said[-300:]}")
        finally:
            for name, data in self.files.items():
                (self.folder.source / name).write_bytes(data)
            shutil.rmtree(self.folder.output, ignore_errors=True)


class Word(Target):
    """Templates: the whole way to the PDF, which has every word or is refused."""

    def __init__(self, story: Story, work: Path) -> None:
        super().__init__(story, work)
        self.version = load_one(copy_plan(work / "plan"), JULY)
        self.converter = Converter(find_libreoffice(), work / "scratch")
        self.files = {
            name: (shipped_templates() / name).read_bytes()
            for name in ("plan.docx", "signoff.docx")
        }
        parts = []
        for name, data in self.files.items():
            with zipfile.ZipFile(io.BytesIO(data)) as parted:
                xml = [part for part in parted.namelist() if part.endswith((".xml", ".rels"))]
            parts += [(name, part) for part in (*["word/document.xml"] * 6, *xml, "")]
        changed = st.tuples(st.sampled_from(parts), mutations.edits(mutations.WORD))
        self.inputs = changed.map(
            lambda one: {one[0][0]: mutations.edited_part(self.files[one[0][0]], one[0][1], one[1])}
        )

    def attempt(self, given: Input) -> None:
        folder = self.work / "templates"
        folder.mkdir(exist_ok=True)
        for name, data in {**self.files, **given}.items():
            (folder / name).write_bytes(data)
        paths = (folder / "plan.docx", folder / "signoff.docx")
        with bounded(self.work), contextlib.suppress(PlanError):
            make_plan(self.version, Templates(*paths), self.converter)

    def close(self) -> None:
        self.converter.close()


class Returned(Target):
    """PDFs that somebody hands in: `receive`, `verify FILE`, `extract`."""

    def __init__(self, story: Story, work: Path) -> None:
        super().__init__(story, work)
        self.before = story.at("july, Carole").root
        self.base = PlanFolder(self.before).pdf(JULY).read_bytes()
        self.honest = elsewhere(PlanFolder(self.before), JULY, SALLY)
        self.inputs = self.made_wrong()
        self.secret = work / "secret"
        self.secret.write_text(OFFICE)
        self.restore()

    def made_wrong(self) -> st.SearchStrategy[Input]:
        start = st.sampled_from([0, *[len(self.base)] * 9])
        changed = st.tuples(start, mutations.edits(mutations.PDF))
        return changed.map(
            lambda one: {"returned.pdf": mutations.edited(self.honest, one[1], one[0])}
        )

    def restore(self) -> None:
        self.folder = self.work / "plan"
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.before, self.folder)

    def attempt(self, given: Input) -> None:
        (data,) = given.values()
        if data == self.honest:
            return
        file = self.work / "returned.pdf"
        file.write_bytes(data)
        for words in (
            ["verify", str(file)],
            ["extract", str(file), "--output", str(self.work / "x")],
        ):
            code, said = plan(self.folder, *words)
            shutil.rmtree(self.work / "x", ignore_errors=True)
            if code == 0 and data not in (self.base, self.honest):
                raise Broken(f"plan {words[0]} is content: {said[-300:]}")
        if self.receive(file):
            self.restore()
            raise Broken("plan receive took a file that was changed after it was signed")

    def receive(self, file: Path) -> bool:
        """Whether it is taken."""
        code, _ = plan(self.folder, "receive", str(file), "--passphrase-file", str(self.secret))
        return code == 0


class Revision(Returned):
    """What stands beside an honest signature: XMP and DSS. What is taken must hold afterwards."""

    def made_wrong(self) -> st.SearchStrategy[Input]:
        reader = IncrementalPdfFileWriter(io.BytesIO(self.base))
        xmp = bytes(reader.root["/Metadata"].data)
        streams = st.lists(st.binary(max_size=60) | st.just(self.base[:5000]), max_size=3)
        dss = st.dictionaries(st.sampled_from(["/Certs", "/CRLs", "/OCSPs", "/VRI", "/X"]), streams)
        changed = mutations.edits(mutations.XMP).map(lambda one: mutations.edited(xmp, one))
        return st.fixed_dictionaries({}, optional={"xmp": changed, "dss": dss.map(_pack)}).filter(
            bool
        )

    def attempt(self, given: Input) -> None:
        def writer(stream: io.BytesIO) -> IncrementalPdfFileWriter:
            made = IncrementalPdfFileWriter(stream)
            if "xmp" in given:
                old = made.root.raw_get("/Metadata")
                entries = {
                    "/Type": generic.pdf_name("/Metadata"),
                    "/Subtype": generic.pdf_name("/XML"),
                }
                fresh = generic.StreamObject(entries, stream_data=given["xmp"])
                made.objects[(old.generation, old.idnum)] = fresh
            if "dss" in given:
                made.root["/DSS"] = made.add_object(_dss(made, _unpack(given["dss"])))
                made.update_root()
            return made

        folder = PlanFolder(self.before)
        key = key_file(folder, SALLY).read_bytes()
        made_by: Any = writer
        data = signed_by(self.base, field_of(SALLY), key, phrase(SALLY), writer=made_by)
        file = self.work / "returned.pdf"
        file.write_bytes(data)
        plan(self.folder, "verify", str(file))
        if self.receive(file):
            try:
                self._require_going_on()
            finally:
                self.restore()

    def _require_going_on(self) -> None:
        for step in ("taken", "signed by the next"):
            code, said = plan(self.folder, "verify", JULY)
            if code:
                raise Broken(f"after it was {step} it does not verify: {said[-300:]}")
            if step == "taken":
                sign_here(PlanFolder(self.folder), JULY, ANDY)


class Scan(Target):
    """Scanned pages: no code is read that was not on the page."""

    def __init__(self, story: Story, work: Path) -> None:
        super().__init__(story, work)
        pdf = story.at("july, Carole").pdf(JULY).read_bytes()
        self.files = {kind: scanned(pdf, kind=kind) for kind in ("JPEG", "PNG", "TIFF")}
        self.files["PDF"] = scanned(pdf, kind="PDF")
        self.honest = set(read_scan(self.files["PNG"]).codes)
        changed = st.tuples(st.sampled_from(sorted(self.files)), mutations.edits(mutations.PDF))
        self.inputs = changed.map(
            lambda one: {one[0]: mutations.edited(self.files[one[0]], one[1])}
        )

    def attempt(self, given: Input) -> None:
        (data,) = given.values()
        with bounded(self.work), contextlib.suppress(PlanError):
            suffix(data)
            read = set(read_scan(data).codes)
            if not read <= self.honest:
                raise Broken(f"a code was read that was not on the page: {read - self.honest}")


class Register(Target):
    """Lines of the register: named everywhere, true nowhere. Also lines that are chained, and even
    signed, as by an office that was made to say something else: no command breaks on them.
    """

    def __init__(self, story: Story, work: Path) -> None:
        super().__init__(story, work)
        self.folder = story.copy("july sealed", work / "plan")
        keys = load_settings(self.folder).keys_folder(self.folder)
        self.key = unlock_office_keys(keys, prompts()).register
        self.honest = self.folder.register.read_bytes()
        self.signature = self.folder.signature.read_bytes()
        self.lines = self.honest.splitlines()
        number = st.integers(0, len(self.lines) - 1)
        bytewise = mutations.edits(mutations.JSON).map(
            lambda one: {"register.jsonl": mutations.edited(self.honest, one)}
        )
        values = mutations.JSON_VALUES | st.sampled_from(mutations.values(self.lines))
        changes = st.lists(st.tuples(number, st.integers(0, 200), values), max_size=2)
        order = st.just(list(range(len(self.lines)))) | st.lists(number, max_size=len(self.lines))
        made_up = st.tuples(changes, order, st.sampled_from(["", "chained", "signed"]))
        self.inputs = st.one_of(bytewise, *[made_up.map(self._made_up)] * 4)

    def _made_up(self, drawn: tuple[list[tuple[int, int, Any]], list[int], str]) -> Input:
        changes, order, how = drawn
        lines = list(self.lines)
        for at, place, value in changes:
            lines[at] = mutations.with_value(lines[at], place, value)
        lines = [lines[at] for at in order]
        data = b"".join(line + b"\n" for line in (mutations.chained(lines) if how else lines))
        signature = {"register.jsonl.sig": self.key.sign(data)} if how == "signed" else {}
        return {"register.jsonl": data, **signature}

    def attempt(self, given: Input) -> None:
        if given["register.jsonl"] == self.honest:
            return
        for name, data in given.items():
            (self.folder.output / name).write_bytes(data)
        try:
            for name in ("verify", "log", "status", "trace", "evidence", "build"):
                code, said = plan(self.folder.root, name)
                if code == 0 and name == "verify" and len(given) == 1:
                    raise Broken(f"plan verify is content: {said[-300:]}")
        finally:
            shutil.rmtree(self.folder.evidence, ignore_errors=True)
            self.folder.register.write_bytes(self.honest)
            self.folder.signature.write_bytes(self.signature)


class Bundle(Target):
    """Evidence, unpacked: check.sh confirms none that was changed."""

    def __init__(self, story: Story, work: Path) -> None:
        super().__init__(story, work)
        evidence = make_evidence(story.at("july sealed"), {})
        self.place = work / "bundle"
        self.files = dict(evidence.files)
        for name, data in self.files.items():
            (self.place / name).parent.mkdir(parents=True, exist_ok=True)
            (self.place / name).write_bytes(data)
        names = sorted(name for name in self.files if name.startswith("output/"))
        names += ["output/register.jsonl"] * 5
        tokens = (*mutations.JSON, *mutations.PDF)
        changed = st.tuples(st.sampled_from(names), mutations.edits(tokens))
        self.inputs = changed.map(
            lambda one: {one[0]: mutations.edited(self.files[one[0]], one[1])}
        )

    def attempt(self, given: Input) -> None:
        ((name, data),) = given.items()
        if data == self.files[name]:
            return
        (self.place / name).write_bytes(data)
        try:
            with tempfile.TemporaryDirectory(dir=self.work) as elsewhere_:
                done = subprocess.run(
                    ["sh", str(self.place / "check.sh")],
                    cwd=elsewhere_,
                    capture_output=True,
                    timeout=60,
                    check=False,
                )
                if os.listdir(elsewhere_):  # noqa: PTH208
                    raise Broken("check.sh left a file")
        except subprocess.TimeoutExpired:
            raise Broken("check.sh hangs") from None
        finally:
            (self.place / name).write_bytes(self.files[name])
        if done.returncode == 0:
            raise Broken(f"check.sh confirms it: {done.stdout.decode(errors='replace')[-300:]}")
        if done.returncode != 1 or not done.stderr.startswith(b"NOT CONFIRMED: "):
            raise Broken(f"check.sh ended with {done.returncode}: {done.stderr[-300:]!r}")


def _pack(dss: dict[str, list[bytes]]) -> bytes:
    return b"\n".join(
        b" ".join([name.encode(), *(one.hex().encode() for one in streams)])
        for name, streams in dss.items()
    )


def _unpack(data: bytes) -> Iterator[tuple[str, list[bytes]]]:
    for line in filter(None, data.split(b"\n")):
        name, *streams = line.decode().split(" ")
        yield name, [bytes.fromhex(one) for one in streams]


def _dss(
    made: IncrementalPdfFileWriter, entries: Iterator[tuple[str, list[bytes]]]
) -> generic.DictionaryObject:
    return generic.DictionaryObject(
        {
            generic.pdf_name(name): generic.ArrayObject(
                made.add_object(generic.StreamObject(stream_data=one)) for one in streams
            )
            for name, streams in entries
        }
    )


TARGETS: dict[str, type[Target]] = {
    "yaml": Yaml,
    "templates": Word,
    "returned": Returned,
    "xmp-dss": Revision,
    "scans": Scan,
    "register": Register,
    "evidence": Bundle,
}
logging.disable(logging.CRITICAL)  # what pyHanko finds wrong, at length
