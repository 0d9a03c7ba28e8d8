"""The ballot box: vote, questions, options, roll, ballots, log. Design and promises: `docs/explanation/ballot.md`.

Django finds the models of an app here; those of the register, paper, counter and groups of voters stand beside their verbs.
"""

from ballots.counter.models import Assistance
from ballots.electorates.models import Electorate
from ballots.models.box import Ballot, RollEntry, Seal
from ballots.models.log import Checkpoint, Observer, Shredding, Superseded
from ballots.models.vote import Option, Question, Vote
from ballots.paper.models import PaperBatch, PaperEntry, Reconciliation
from ballots.register.models import RegisteredVoter, VotingCode

__all__ = [
    "Assistance",
    "Ballot",
    "Checkpoint",
    "Electorate",
    "Observer",
    "Option",
    "PaperBatch",
    "PaperEntry",
    "Question",
    "Reconciliation",
    "RegisteredVoter",
    "RollEntry",
    "Seal",
    "Shredding",
    "Superseded",
    "Vote",
    "VotingCode",
]
