"""How an editor edits the phases of a process."""

from typing import Any

from modelcluster.forms import BaseChildFormSet
from wagtail.admin.panels import InlinePanel

from process.periods import first_overlap, overlap_message


class PhaseFormSet(BaseChildFormSet):
    """Checks the phases of one form against each other: against the database they may all shift at once."""

    def clean(self) -> None:
        super().clean()
        forms = [form for form in self.forms if form not in self.deleted_forms and form.is_valid()]
        if overlap := first_overlap([form.instance for form in forms]):
            # A new phase has no key yet, so it cannot be hashed: the form is found by identity.
            later = next(form for form in forms if form.instance is overlap[1])
            later.add_error("starts_on", overlap_message(*overlap))


class PhasesPanel(InlinePanel):
    """The phases, one below the other."""

    def get_form_options(self) -> dict[str, Any]:
        options = super().get_form_options()
        options["formsets"][self.relation_name]["formset"] = PhaseFormSet
        return options
