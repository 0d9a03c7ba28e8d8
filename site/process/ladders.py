"""Both ladders of participation in plain words, one sentence for each rung.

The residents' ladder: how far influence reaches. The government's ladder: how much the municipality
takes upon itself (Council for Public Administration, “Loslaten in vertrouwen”, 2012).
"""

from django.utils.translation import gettext_lazy as _

RESIDENTS = {
    "inform": _("You hear what the municipality does and why. You do not decide."),
    "consult": _("You say what you think. The municipality listens and decides."),
    "advise": _("You give advice. The municipality follows it, or explains why not."),
    "coproduce": _("You make the plan together with the municipality. The council decides."),
    "codecide": _("You decide too. The municipality does what comes out of it, within its limits."),
}

MUNICIPALITY = {
    "regulate": _("The municipality makes the rules and watches over them."),
    "direct": _("The municipality leads. Others help."),
    "stimulate": _("The municipality wants others to act and helps them start."),
    "facilitate": _("Others act. The municipality helps them where it can."),
    "let_go": _("Others act by themselves. The municipality stays out of it."),
}
