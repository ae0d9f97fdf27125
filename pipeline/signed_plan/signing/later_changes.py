"""What may be added behind a signature without breaking it: pyHanko's rules, and what it forgot.

A program that fills a signature field may also set the date and the style of its widget (ISO
32000-2, tables 166 and 192): poppler sets /M, Adobe sets /MK. Neither changes what the page shows,
for a signature shows its appearance.
"""

from __future__ import annotations

from functools import partial

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import HistoricalResolver
from pyhanko.sign.diff_analysis import (
    CatalogModificationRule,
    DiffResult,
    DocInfoRule,
    DSSCompareRule,
    FormUpdatingRule,
    MetadataUpdateRule,
    ModificationLevel,
    ObjectStreamRule,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    XrefStreamRule,
)
from pyhanko.sign.diff_analysis.constants import VALUE_UPDATE_KEYS
from pyhanko.sign.fields import FieldMDPSpec, MDPPerm

_STYLE = frozenset({"/M", "/MK", "/DR", "/Border", "/BS"})


class _LaterChanges(StandardDiffPolicy):
    """pyHanko takes any number below the highest for an object that was there. Some programs leave
    numbers out, and poppler uses them: one that nothing was, and nothing led to, is as new as any.
    """

    def apply(
        self,
        old: HistoricalResolver,
        new: HistoricalResolver,
        field_mdp_spec: FieldMDPSpec | None = None,
        doc_mdp: MDPPerm | None = None,
    ) -> DiffResult:
        for one in (old, new.reader.get_historical_resolver(new.revision - 1)):
            vars(one)["is_ref_unassignable"] = partial(_is_new, one)
        return super().apply(old, new, field_mdp_spec, doc_mdp)


def _is_new(old: HistoricalResolver, reference: generic.Reference) -> bool:
    """Whether no revision up to that one had such an object, or led to it."""
    if HistoricalResolver.is_ref_unassignable(old, reference):
        return True
    if reference.generation or any(
        old.reader.xrefs.get_historical_ref(reference, revision) is not None
        for revision in range(old.revision + 1)
    ):
        return False
    old._load_reverse_xref_cache()
    return not old._get_usages_of_ref(reference)


LATER_CHANGES = _LaterChanges(
    global_rules=[
        CatalogModificationRule(),
        *(
            rule.as_qualified(ModificationLevel.LTA_UPDATES)
            for rule in (
                DocInfoRule(),
                XrefStreamRule(),
                ObjectStreamRule(),
                DSSCompareRule(),
                MetadataUpdateRule(),
            )
        ),
    ],
    form_rule=FormUpdatingRule(
        field_rules=[
            SigFieldCreationRule(),
            SigFieldModificationRule(value_update_keys=VALUE_UPDATE_KEYS | _STYLE),
        ],
    ),
)
"""pyHanko's own policy, without the filling of other fields than those for signatures."""
