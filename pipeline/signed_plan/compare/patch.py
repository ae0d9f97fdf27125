"""How a program makes the newer version's content of the older one's: a JSON Patch (RFC 6902).

Content is what a fingerprint is computed from (`Plan.fingerprint`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from signed_plan.compare.changes import Comparison, Part
from signed_plan.compare.common_words import rising
from signed_plan.plan.model import CELLS

Operation = dict[str, Any]
"""One operation of the patch: `op` is add, remove or replace, `path` a JSON Pointer (RFC 6901)."""

_LISTS: dict[str, Part] = {
    "schools": "school",
    "people": "person",
    "objectives": "objective",
    "areas": "area",
    "reviews": "review",
    **dict.fromkeys(CELLS, "block"),
}
"""The lists whose entries are found again; any other list is one value."""


def patch_of(comparison: Comparison) -> list[Operation]:
    """The operations, to be taken in their order.

    An entry that changed its place is removed and added again.
    """
    old, new = (version.plan.content() for version in (comparison.old, comparison.new))
    return list(_object("", old, new, comparison.ids))


_Ids = Mapping[Part, Mapping[str, str]]


def _object(
    path: str, old: Mapping[str, Any], new: Mapping[str, Any], ids: _Ids
) -> Iterator[Operation]:
    for key in [key for key in old if key not in new]:
        yield {"op": "remove", "path": f"{path}/{key}"}
    for key, after in new.items():
        where = f"{path}/{key}"
        if key not in old:
            yield {"op": "add", "path": where, "value": after}
        elif old[key] == after:
            continue
        elif isinstance(after, dict):
            yield from _object(where, old[key], after, ids)
        elif isinstance(after, list) and key in _LISTS:
            yield from _list(where, old[key], after, ids, ids[_LISTS[key]])
        else:
            yield {"op": "replace", "path": where, "value": after}


def _list(
    path: str, old: list[Any], new: list[Any], ids: _Ids, now: Mapping[str, str]
) -> Iterator[Operation]:
    """The operations on a list; `now` has the newer id of each entry by its older one."""
    places = {_id(entry): k for k, entry in enumerate(new)}
    pairs = [(i, places[now[_id(one)]]) for i, one in enumerate(old) if now.get(_id(one)) in places]
    kept = {pairs[at][1]: pairs[at][0] for at in rising(pairs)}
    stay = {*kept.values()}
    for i in reversed(range(len(old))):
        if i not in stay:
            yield {"op": "remove", "path": f"{path}/{i}"}
    for k, entry in enumerate(new):
        if k in kept:
            yield from _object(f"{path}/{k}", old[kept[k]], entry, ids)
        else:
            yield {"op": "add", "path": f"{path}/{k}", "value": entry}


def _id(entry: Mapping[str, Any]) -> str:
    """The entry's id; of an objective its number."""
    return str(entry["id"] if "id" in entry else entry["number"])
