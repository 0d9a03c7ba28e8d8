"""The instruments a phase can open, filled by each instrument in `AppConfig.ready()`."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise

Label = str | Promise


class UnknownVerb(LookupError):
    """No instrument registered this verb."""


@dataclass(frozen=True)
class InstrumentType:
    """A kind of instrument and the verbs a phase can open.

    `verbs` maps the full name to what a resident reads on the link, as an action:
    `{"proposals.submit": _("Submit a proposal")}`. Each name begins with `key` and a dot.
    `pages` names the page models below a process that belong to it, such as
    `("proposals.ProposalsPage",)`; empty means: every page model of the app called `key`.
    `passed` says for a verb and page ids on which of them it is over, whatever the phase opens.
    """

    key: str
    label: Label
    verbs: Mapping[str, Label]
    pages: tuple[str, ...] = field(default=())
    passed: Callable[[str, Collection[int]], Collection[int]] = lambda _verb, _pages: ()

    def owns(self, app_label: str, model_name: str) -> bool:
        """Whether pages of this model are this instrument's pages."""
        if not self.pages:
            return app_label == self.key
        return f"{app_label}.{model_name}".lower() in {name.lower() for name in self.pages}


_instruments: dict[str, InstrumentType] = {}


def register(instrument: InstrumentType) -> InstrumentType:
    """Adds an instrument; a double key, or a verb of somebody else, is a `ValueError`."""
    if instrument.key in _instruments:
        raise ValueError(f"The instrument “{instrument.key}” is registered twice.")
    for verb in instrument.verbs:
        if not verb.startswith(f"{instrument.key}."):
            raise ValueError(f"The verb “{verb}” must begin with “{instrument.key}.”.")
    _instruments[instrument.key] = instrument
    return instrument


def all_instruments() -> list[InstrumentType]:
    """Every registered instrument, in the order of registration."""
    return list(_instruments.values())


def instrument_of(verb: str) -> InstrumentType:
    """The instrument that registered a verb; raises `UnknownVerb`."""
    for instrument in _instruments.values():
        if verb in instrument.verbs:
            return instrument
    raise UnknownVerb(verb)


def is_known(verb: str) -> bool:
    return any(verb in instrument.verbs for instrument in _instruments.values())


def verb_label(verb: str) -> str:
    """What a resident reads; the bare name for a verb of an instrument that is left out."""
    try:
        return str(instrument_of(verb).verbs[verb])
    except UnknownVerb:
        return verb
