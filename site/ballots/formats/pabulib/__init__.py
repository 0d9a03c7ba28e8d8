"""Pabulib's `.pb` files: one participatory budget with its plans and every ballot.

Format: Faliszewski, Flis, Peters, Pierczyński, Skowron, Stolicki, Szufa and Talmon, "Participatory Budgeting: Data, Tools, and
Analysis", IJCAI 2023, and the description on Pabulib's site. Three tables with `;` between the columns: META, PROJECTS, VOTES.

The reader streams, and refuses a file it does not understand completely, with the line; half a file is never read.
Ages, sex and other columns about voters are passed over and not kept.
"""

from ballots.formats.pabulib.lines import PabulibError
from ballots.formats.pabulib.read import COUNTING_KEY, SEED_KEY, PabulibMeta, read_pb
from ballots.formats.pabulib.write import format_amount, pb_text, write_pb

__all__ = ["COUNTING_KEY", "SEED_KEY", "PabulibError", "PabulibMeta", "format_amount", "pb_text", "read_pb", "write_pb"]
