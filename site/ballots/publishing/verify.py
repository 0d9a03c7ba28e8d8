#!/usr/bin/env python3
"""Checks a vote of Participatiemix with nothing but its published files, and counts it again.

    python3 verify.py FOLDER_OR_ZIP [--head FILE_OR_HEX]... [--lang en]

Exit status: 0 everything is right, 1 something is wrong, 2 the files cannot be read, 3 what could be checked is right, but not
everything could be checked. Needs Python 3.9 or later and no other software. The page "vote-format" describes the files; nothing here
is shared with the site.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import io
import json
import re
import sys
import zipfile
from binascii import unhexlify
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from math import lcm
from pathlib import Path
from typing import Any

RIGHT, WRONG, UNREADABLE, INCOMPLETE = 0, 1, 2, 3
FORMATS = ("participatiemix-vote/1", "participatiemix-vote/2")
HEX = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
# A line of ballots.jsonl is FIRST, the ballot, and this. `of_ballot` is hashed with the ballot as it stands.
FIRST, LAST = b'{"ballot":', b',"checkpoint":'
OF_BALLOT = re.compile(
    LAST + rb'([0-9]{1,9}),"leaf":"([0-9a-f]{64})"'
    rb'(?P<of_ballot>,"nonce":"[0-9a-f]{32}","tracker":"([0-9A-Z]{1,20})","version":([0-9]{1,5}))\}\s*'
)

TEXTS = {
    "vote": ("Stemming: {title}", "Vote: {title}"),
    "test": ("PROEF – telt niet mee", "TEST – does not count"),
    "right": ("Goed", "Right"),
    "wrong": ("FOUT", "WRONG"),
    "open": ("Niet nagekeken", "Not checked"),
    "rules": ("De regels zijn die van de opening.", "The rules are those of the opening."),
    "rules_no": ("De regels zijn niet die van de opening.", "The rules are not those of the opening."),
    "chain": ("Het logboek is een gesloten keten van {n} regels.", "The log is a closed chain of {n} lines."),
    "chain_no": (
        "Regel {n} van het logboek past niet op de regel ervoor.",
        "Line {n} of the log does not fit the line before.",
    ),
    "start_no": (
        "Het logboek begint niet met deze regels en deze kiezerslijst.",
        "The log does not begin with these rules and this roll.",
    ),
    "head": ("De bewaarde kop {head}… staat in het logboek.", "The saved head {head}… is in the log."),
    "head_no": ("De bewaarde kop {head}… staat niet in het logboek.", "The saved head {head}… is not in the log."),
    "head_none": ("{name} bevat geen kop.", "{name} holds no head."),
    "leaf_no": ("Stembiljet {tracker} hoort niet bij zijn blad.", "Ballot {tracker} does not belong to its leaf."),
    "ballot_no": ("Stembiljet {tracker} is niet geldig.", "Ballot {tracker} is not valid."),
    "tracker_no": ("Nummer {tracker} staat op twee stembiljetten.", "Number {tracker} is on two ballots."),
    "ballots": (
        "Alle {n} stembiljetten zijn geldig en hebben een eigen nummer.",
        "All {n} ballots are valid and have a number of their own.",
    ),
    "batch_no": (
        "De stembiljetten van regel {n} zijn niet de vastgelegde.",
        "The ballots of line {n} are not those that were fixed.",
    ),
    "batch_extra": ("Er zijn stembiljetten buiten het logboek.", "There are ballots outside the log."),
    "batches": (
        "Het logboek bevat precies de stembiljetten en de {n} vervangen bladen.",
        "The log holds exactly the ballots and the {n} superseded leaves.",
    ),
    "superseded_no": (
        "Er zijn meer bladen vervangen dan stembiljetten gewijzigd.",
        "More leaves were superseded than ballots were changed.",
    ),
    "number": (
        "Er zijn {n} stembiljetten en {roll} mensen op de kiezerslijst.",
        "There are {n} ballots and {roll} people on the roll.",
    ),
    "number_import": (
        "Er zijn {n} stembiljetten. De stemming had hier geen kiezerslijst.",
        "There are {n} ballots. The vote had no roll here.",
    ),
    "number_no": (
        "De aantallen kloppen niet: {n} stembiljetten, {voted} gemeld, {roll} op de kiezerslijst.",
        "The numbers differ: {n} ballots, {voted} announced, {roll} on the roll.",
    ),
    "channels": ("Per kanaal: {what}.", "By channel: {what}."),
    "channels_no": (
        "De aantallen per kanaal kloppen niet: {what}.",
        "The numbers by channel are not right: {what}.",
    ),
    "few_people": ("weinig", "few"),
    "worth": (
        "Vraag {question}: {blank} blanco en {invalid} ongeldig.",
        "Question {question}: {blank} blank and {invalid} invalid.",
    ),
    "worth_no": (
        "Vraag {question}: de aantallen blanco en ongeldig zijn niet die van de stembiljetten.",
        "Question {question}: the numbers of blank and invalid are not those of the ballots.",
    ),
    "seal": ("De uitslag is de verzegelde uitslag.", "The result is the sealed result."),
    "seal_no": ("De uitslag is niet de verzegelde uitslag.", "The result is not the sealed result."),
    "seed": ("Het lot komt uit de stembiljetten.", "The lot comes from the ballots."),
    "seed_no": ("Het lot komt niet uit deze stembiljetten.", "The lot does not come from these ballots."),
    "count": (
        "Vraag {question}: opnieuw geteld, dezelfde uitslag.",
        "Question {question}: counted again, the same result.",
    ),
    "count_no": (
        "Vraag {question}: opnieuw geteld, een andere uitslag ({what}).",
        "Question {question}: counted again, another result ({what}).",
    ),
    "groups": (
        "De aantallen van {n} groepen passen in de uitslag. Natellen kan niet: op geen stembiljet staat een groep.",
        "The numbers of {n} groups fit in the result. They cannot be counted again: no ballot names a group.",
    ),
    "groups_no": (
        "De aantallen van groepen passen niet in de uitslag.",
        "The numbers of groups do not fit in the result.",
    ),
    "rule_unknown": (
        "Vraag {question}: de telregel {rule} kent dit programma niet.",
        "Question {question}: this program does not know the rule {rule}.",
    ),
    "few": (
        "De stembiljetten zelf zijn niet gepubliceerd: {reason}",
        "The ballots themselves are not published: {reason}",
    ),
    "all_right": ("Alles klopt.", "Everything is right."),
    "something_wrong": ("Er klopt iets niet.", "Something is wrong."),
    "incomplete": (
        "Wat kon worden nagekeken klopt. Niet alles kon worden nagekeken.",
        "What could be checked is right. Not everything could be checked.",
    ),
    "unreadable": ("De bestanden zijn niet te lezen: {problem}", "The files cannot be read: {problem}"),
    "winners": ("winnaars", "winners"),
    "votes": ("stemmen", "votes"),
}


class Unreadable(Exception):
    """The files are not those of a vote."""


# --- Files --------------------------------------------------------------------------------------------------


class Files:
    """The published files, in a folder or in a zip."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.zip = zipfile.ZipFile(self.path) if self.path.is_file() else None
        names = (
            self.zip.namelist()
            if self.zip
            else [str(each.relative_to(self.path)) for each in self.path.rglob("*") if each.is_file()]
        )
        self.names = {name.replace("\\", "/").rsplit("/", 1)[-1]: name for name in names}

    def has(self, name: str) -> bool:
        return name in self.names

    def read(self, name: str) -> bytes:
        if name not in self.names:
            raise Unreadable(name)
        return self.zip.read(self.names[name]) if self.zip else (self.path / self.names[name]).read_bytes()

    def json(self, name: str) -> Any:
        return json.loads(self.read(name))

    def lines(self, name: str) -> Iterator[Any]:
        """The values on the lines of a file."""
        return (json.loads(line) for line in self.raw_lines(name))

    def raw_lines(self, name: str) -> Iterator[bytes]:
        """The lines of a file, one at a time: a large vote does not have to fit in memory."""
        if name not in self.names:
            raise Unreadable(name)
        path = self.names[name]
        file: Any = self.zip.open(path) if self.zip else (self.path / path).open("rb")
        # A zip gives lines slowly by itself.
        with io.BufferedReader(file, 1 << 20) as buffered:
            for line in buffered:
                if not line.isspace():
                    yield line


canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def merkle_root(leaves: Iterable[bytes]) -> bytes:
    """RFC 6962, section 2.1, over leaf hashes that are sorted here."""
    trees = sorted(leaves)
    if not trees:
        return sha256(b"")
    while len(trees) > 1:
        # Two by two; the last one waits when it is alone.
        alone = trees[len(trees) & ~1 :]
        pairs = range(0, len(trees) - 1, 2)
        trees = [hashlib.sha256(b"\1" + trees[at] + trees[at + 1]).digest() for at in pairs] + alone
    return trees[0]


# --- The checks ----------------------------------------------------------------------------------------------


class Verifier:
    """Runs every check and keeps what was found: (kind, sentence)."""

    def __init__(self, files: Files, heads: Sequence[tuple[str, list[str]]] = (), language: str = "nl") -> None:
        self.files, self.saved, self.language = files, heads, 1 if language == "en" else 0
        self.found: list[tuple[int, str]] = []

    def say(self, key: str, **values: Any) -> str:
        return TEXTS[key][self.language].format(**values)

    def right(self, key: str, **values: Any) -> None:
        self.found.append((RIGHT, self.say(key, **values)))

    def wrong(self, key: str, **values: Any) -> None:
        self.found.append((WRONG, self.say(key, **values)))

    def open(self, key: str, **values: Any) -> None:
        self.found.append((INCOMPLETE, self.say(key, **values)))

    @property
    def status(self) -> int:
        kinds = {kind for kind, _text in self.found}
        return WRONG if WRONG in kinds else INCOMPLETE if INCOMPLETE in kinds else RIGHT

    def run(self) -> int:
        self.vote, self.log = self.files.json("vote.json"), self.files.json("log.json")["checkpoints"]
        if self.vote.get("format") not in FORMATS:
            raise Unreadable("vote.json: format")
        self.questions = {question["reference"]: question for question in self.vote["rules"]["questions"]}
        self.forms = {name: Form(question) for name, question in sorted(self.questions.items())}
        self.check_rules()
        self.check_chain()
        self.check_heads()
        self.batches: dict[int, list[bytes]] = defaultdict(list)
        self.ballots: dict[bytes, int] = {}
        self.answers: dict[bytes, dict[str, Any] | None] = {}
        self.versions = self.number = 0
        self.has_ballots = self.files.has("ballots.jsonl")
        if self.has_ballots:
            self.read_ballots()
        else:
            self.read_leaves()
        self.leaves = sorted(leaf for batch in self.batches.values() for leaf in batch)
        self.check_batches()
        self.check_numbers()
        self.check_channels()
        self.check_result()
        return self.status

    def check_rules(self) -> None:
        digest = sha256(canonical(self.vote["rules"]).encode())
        key = "rules" if digest.hex() == self.vote["rules_hash"] else "rules_no"
        (self.right if key == "rules" else self.wrong)(key)

    def check_chain(self) -> None:
        head = bytes(32)
        for number, line in enumerate(self.log):
            expected = sha256(head + number.to_bytes(8, "big") + bytes.fromhex(line["root"]))
            if (line["seq"], line["previous"], line["head"]) != (number, head.hex(), expected.hex()):
                return self.wrong("chain_no", n=number)
            head = expected
        first = sha256(b"\1" + bytes.fromhex(self.vote["rules_hash"]) + bytes.fromhex(self.vote["roll_root"]))
        if not self.log or (self.log[0]["root"], self.log[0]["leaves"]) != (first.hex(), self.vote["roll"]):
            return self.wrong("start_no")
        return self.right("chain", n=len(self.log))

    def check_heads(self) -> None:
        known = {line["head"] for line in self.log}
        for name, heads in self.saved:
            if not heads:
                self.wrong("head_none", name=name)
            for head in heads:
                (self.right if head in known else self.wrong)("head" if head in known else "head_no", head=head[:16])

    def read_ballots(self) -> None:
        """Every line is taken apart as text, which is fast; the ballot in it is read as JSON once per different ballot."""
        of_vote = b',"vote":"%s"}' % self.vote["vote"].encode()
        new_hash, start, ballots, answers = hashlib.sha256, len(FIRST), self.ballots, self.answers
        batches: dict[bytes, list[bytes]] = defaultdict(list)
        seen: set[bytes] = set()
        fine = True
        for line in self.files.raw_lines("ballots.jsonl"):
            end = line.rfind(LAST)
            match = OF_BALLOT.fullmatch(line, end) if line.startswith(FIRST) and end > start else None
            if match is None:
                raise Unreadable("ballots.jsonl")
            checkpoint, leaf, of_ballot, tracker, version = match.groups()
            ballot = line[start:end]
            if ballot not in ballots:
                ballots[ballot], answers[ballot] = 0, self.valid_answers(ballot)
            ballots[ballot] += 1
            found = new_hash(b"\0" + line[:end] + of_ballot + of_vote).digest()
            is_own = found == unhexlify(leaf)
            if not is_own or answers[ballot] is None or tracker in seen:
                fine = False
                problem = "leaf_no" if not is_own else "ballot_no" if answers[ballot] is None else "tracker_no"
                self.wrong(problem, tracker=tracker.decode())
            seen.add(tracker)
            batches[checkpoint].append(found)
            if version != b"1":
                self.versions += int(version) - 1
        for checkpoint, leaves in batches.items():
            self.batches[int(checkpoint)] += leaves
        self.number = sum(ballots.values())
        if fine:
            self.right("ballots", n=self.number)

    def read_leaves(self) -> None:
        """With few ballots only their leaves are published."""
        for line in self.files.lines("leaves.jsonl"):
            self.batches[line["checkpoint"]].append(bytes.fromhex(line["leaf"]))
            self.number += 1
        self.open("few", reason=self.vote["reason"])

    def valid_answers(self, text: bytes) -> dict[str, Any] | None:
        """The answers on a ballot; None when it is no ballot of this vote, or is written in another way than the canonical one."""
        try:
            ballot = json.loads(text.decode("ascii"))
        except ValueError:
            return None
        answers = ballot.get("answers") if isinstance(ballot, dict) and len(ballot) == 1 else None
        if not isinstance(answers, dict) or answers.keys() != self.forms.keys():
            return None
        imported = bool(self.vote["source"])
        # Only a ballot on paper can be invalid, and the rules, which are fixed, say whether there are any.
        on_paper = self.vote["rules"].get("on_paper") is True
        if not all(
            (on_paper and answer is None) or self.forms[name].allows(answer, imported)
            for name, answer in answers.items()
        ):
            return None
        written = ",".join([f"{form.name}:{form.written(answers[name])}" for name, form in self.forms.items()])
        return answers if f'{{"answers":{{{written}}}}}'.encode() == text else None

    def check_batches(self) -> None:
        superseded = 0
        fixed = {seq: list(leaves) for seq, leaves in self.batches.items()}
        for line in self.files.lines("superseded.jsonl"):
            fixed.setdefault(line["checkpoint"], []).append(bytes.fromhex(line["leaf"]))
            superseded += 1
        fine = True
        for line in self.log[1:]:
            leaves = fixed.pop(line["seq"], [])
            if len(leaves) != line["leaves"] or merkle_root(leaves).hex() != line["root"]:
                fine = False
                self.wrong("batch_no", n=line["seq"])
        if fixed:
            fine = False
            self.wrong("batch_extra")
        if self.has_ballots and superseded > self.versions:
            fine = False
            self.wrong("superseded_no")
        if fine:
            self.right("batches", n=superseded)

    def check_numbers(self) -> None:
        imported, roll, voted = bool(self.vote["source"]), self.vote["roll"], self.vote["ballots"]
        missing = self.vote.get("missing", 0)
        if self.number != voted or missing < 0 or (not imported and self.number + missing > roll):
            return self.wrong("number_no", n=self.number, voted=voted, roll=roll)
        return self.right("number_import" if imported else "number", n=self.number, roll=roll)

    def check_channels(self) -> None:
        """With more channels than the website: numbers of each, and what on paper was invalid."""
        rules, numbers = self.vote["rules"], self.vote.get("channels")
        used = ["web"] + [name for name, key in (("paper", "on_paper"), ("counter", "at_counter")) if rules.get(key)]
        if (self.vote["format"] == FORMATS[1]) != (len(used) > 1):
            return self.wrong("channels_no", what=self.vote["format"])
        if len(used) == 1:
            return None
        what = ", ".join(
            f"{name} {self.say('few_people') if number is None else number}" for name, number in numbers.items()
        )
        known = sum(number for number in numbers.values() if number is not None)
        if set(numbers) != set(used) or not (
            known <= self.number if None in numbers.values() else known == self.number
        ):
            return self.wrong("channels_no", what=what)
        if self.has_ballots and numbers.get("paper") is not None and self.invalid_ballots() > numbers["paper"]:
            return self.wrong("channels_no", what=what)
        self.right("channels", what=what)
        return self.check_worth() if self.has_ballots else None

    def invalid_ballots(self) -> int:
        """Ballots with an invalid answer: those were on paper."""
        return sum(number for text, number in self.ballots.items() if None in (self.answers[text] or {}).values())

    def check_worth(self) -> None:
        for name in self.questions:
            given = [((self.answers[text] or {}).get(name), number) for text, number in self.ballots.items()]
            found = {
                "blank": sum(number for answer, number in given if answer is not None and not answer),
                "invalid": sum(number for answer, number in given if answer is None),
            }
            if found == self.vote["answers"].get(name):
                self.right("worth", question=name, **found)
            else:
                self.wrong("worth_no", question=name)

    def check_result(self) -> None:
        seed = sha256(b"".join(self.leaves)).hex()
        (self.right if seed == self.vote["seed"] else self.wrong)("seed" if seed == self.vote["seed"] else "seed_no")
        if not self.has_ballots:
            return
        text = self.files.read("result.json")
        sealed = sha256(text).hex() == self.vote["result_digest"]
        (self.right if sealed else self.wrong)("seal" if sealed else "seal_no")
        results = json.loads(text)["questions"]
        ballots = [
            (answers, number) for text, number in self.ballots.items() if (answers := self.answers[text]) is not None
        ]
        for name, question in self.questions.items():
            given = [(answers[name], number) for answers, number in ballots if answers[name] is not None]
            self.check_question(question, given, results.get(name, {}), sha256(f"{seed}:{name}".encode()).hex())
        self.check_groups(json.loads(text))

    def check_groups(self, result: Any) -> None:
        """No ballot names a group of voters, so nobody counts groups again; that they fit in the whole can be seen."""
        groups = [group for group in result.get("electorates", []) if "ballots" in group]
        if not groups:
            return
        names = [each["reference"] for each in self.vote["rules"].get("electorates", [])]
        told = [group["electorate"] for group in result["electorates"]]
        fits = len(set(told)) == len(told) and set(told) <= set(names)
        fits = fits and all(0 <= group["ballots"] <= group["roll"] for group in groups)
        fits = fits and sum(group["roll"] for group in groups) <= self.vote["roll"]
        fits = fits and sum(group["ballots"] for group in groups) <= self.number
        for name, question in result["questions"].items():
            for option in question["options"]:
                numbers = [group["votes"][name][option["option"]] for group in groups]
                fits = fits and min(numbers) >= 0 and sum(numbers) <= option["votes"]
        (self.right if fits else self.wrong)("groups" if fits else "groups_no", n=len(groups))

    def check_question(self, question: Any, answers: list[tuple[Any, int]], result: Any, seed: str) -> None:
        name, rule = question["reference"], question["counting"]["rule"]
        if rule not in RULES:
            return self.open("rule_unknown", question=name, rule=rule)
        if result.get("rule") != rule or result.get("settings", {}).get("seed") != seed:
            return self.wrong("count_no", question=name, what="seed")
        try:
            count = Count(question, answers, seed)
            winners = [question["options"][place]["reference"] for place in RULES[rule](count)]
        except (KeyError, ValueError, TypeError, AttributeError):
            # Ballots that are not valid, which was said above, cannot be counted either.
            return self.wrong("count_no", question=name, what=rule)
        votes = {option["option"]: option["votes"] for option in result["options"]}
        if winners != result["winners"]:
            return self.wrong("count_no", question=name, what=self.say("winners"))
        if votes != {option["reference"]: count.votes[place] for place, option in enumerate(question["options"])}:
            return self.wrong("count_no", question=name, what=self.say("votes"))
        return self.right("count", question=name)


# --- What a ballot may say --------------------------------------------------------------------------------------


def is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


class Form:
    """What an answer to one question may be, and how it is written."""

    def __init__(self, question: Any) -> None:
        self.question, self.form = question, question["form"]
        self.name = canonical(question["reference"])
        self.place = {option["reference"]: number for number, option in enumerate(question["options"])}
        self.costs = {option["reference"]: option["cost"] or 0 for option in question["options"]}
        self.names = {name: canonical(name) for name in self.place}

    def allows(self, answer: Any, imported: bool) -> bool:
        """Whether an answer keeps to the form. Which imported ballots were valid was decided elsewhere."""
        if self.form in ("score", "points"):
            if not isinstance(answer, dict) or not all(
                name in self.place and is_whole(mark) and mark for name, mark in answer.items()
            ):
                return False
            return imported or not answer or keeps_to_marks(self.question, list(answer.values()))
        if not isinstance(answer, list):
            return False
        try:
            places = [self.place[name] for name in answer]
        except (KeyError, TypeError):
            return False
        if len(set(places)) != len(places) or (self.form != "ranking" and places != sorted(places)):
            return False
        return imported or not answer or self.keeps_to_limit(answer)

    def keeps_to_limit(self, answer: list[str]) -> bool:
        if self.form in ("yes_no", "choice"):
            return len(answer) == 1
        if self.form == "approval":
            return len(answer) <= int(self.question["max_options"])
        if self.form == "knapsack":
            return sum(map(self.costs.__getitem__, answer)) <= int(self.question["max_sum"])
        return self.form == "ranking" and (not self.question["complete"] or len(answer) == len(self.place))

    def written(self, answer: Any) -> str:
        """The canonical JSON of an answer that is allowed: quicker than writing it with a library. None is an invalid one."""
        if answer is None:
            return "null"
        if isinstance(answer, list):
            return f"[{','.join(map(self.names.__getitem__, answer))}]"
        return f"{{{','.join([f'{self.names[name]}:{answer[name]}' for name in sorted(answer)])}}}"


def keeps_to_marks(question: Any, marks: list[int]) -> bool:
    if question["form"] == "score":
        return all(question["lowest"] <= mark <= question["highest"] for mark in marks)
    given = sum(marks)
    return min(marks) > 0 and (given == question["points"] if question["complete"] else given <= question["points"])


# --- The counts ---------------------------------------------------------------------------------------------------


class Count:
    """One question: options by place, ballots as ({place: points} or [place, …], how often), settings, and the order of ties."""

    def __init__(self, question: Any, answers: list[tuple[Any, int]], seed: str) -> None:
        options = question["options"]
        place = {option["reference"]: number for number, option in enumerate(options)}
        self.size, self.seed = len(options), seed
        self.names = [option["reference"] for option in options]
        self.costs = [option["cost"] or 0 for option in options]
        self.budget = question["budget"] or 0
        self.settings = question["counting"]
        self.voters = sum(number for _answer, number in answers)
        self.is_ranked = question["form"] == "ranking"
        self.rankings = (
            [([place[name] for name in answer], number) for answer, number in answers] if self.is_ranked else []
        )
        self.marks = [] if self.is_ranked else [(self.as_marks(answer, place), number) for answer, number in answers]
        self.votes = self.first_preferences() if self.is_ranked else self.totals()
        self.mates: dict[int, set[int]] = defaultdict(set)
        for group in self.setting("exclusive", []):
            names = [each.strip() for each in group.split(",")] if isinstance(group, str) else group
            for name in names:
                self.mates[place[name]] |= {place[other] for other in names if other != name}

    @staticmethod
    def as_marks(answer: Any, place: dict[str, int]) -> dict[int, int]:
        if isinstance(answer, dict):
            return {place[name]: points for name, points in answer.items()}
        return {place[name]: 1 for name in answer}

    def setting(self, name: str, default: Any) -> Any:
        return self.settings.get(name, default)

    def totals(self) -> list[int]:
        votes = [0] * self.size
        for marks, number in self.marks:
            for place, points in marks.items():
                votes[place] += points * number
        return votes

    def first_preferences(self) -> list[int]:
        votes = [0] * self.size
        for ranking, number in self.rankings:
            if ranking:
                votes[ranking[0]] += number
        return votes

    def supporters(self) -> set[int]:
        return {place for ranking, _number in self.rankings for place in ranking}

    def tie_rules(self) -> list[str]:
        given = self.setting("tie", ["earlier_stages", "lot"] if self.settings["rule"] == "scottish-stv" else ["lot"])
        return ([each.strip() for each in given.split(",")] if isinstance(given, str) else list(given)) + ["lot"]

    def tie_key(self, place: int, history: Sequence[Sequence[int]] = ()) -> list[Any]:
        """What puts level options in order: lowest first."""
        keys = {
            "lot": lambda: hashlib.sha256(f"{self.seed}:{self.names[place]}".encode()).hexdigest(),
            "lowest_cost": lambda: self.costs[place],
            "most_votes": lambda: -self.votes[place],
            "declared_order": lambda: place,
            "earlier_stages": lambda: [-votes[place] for votes in reversed(history)],
        }
        return [keys[rule]() for rule in self.tie_rules()]

    def in_order(
        self, places: Iterable[int], worth: Callable[[int], Any], history: Sequence[Sequence[int]] = ()
    ) -> list[int]:
        """From the highest worth to the lowest, level ones by the tie rule."""
        return sorted(sorted(places, key=lambda place: self.tie_key(place, history)), key=worth)

    def able_to_win(self) -> list[int]:
        return [place for place in range(self.size) if self.votes[place] >= max(1, self.setting("min_votes", 0))]


# Budgets


def take_in_order(
    count: Count, order: Iterable[int], room: int, won: Iterable[int] = (), stop: bool = False
) -> list[int]:
    """The options that fit, one after the other."""
    winners, out = [], set().union(*(count.mates[place] for place in won)) if won else set()
    for place in order:
        if place in out:
            continue
        if count.costs[place] <= room:
            winners.append(place)
            room -= count.costs[place]
            out |= count.mates[place]
        elif stop:
            break
    return winners


def greedy(count: Count) -> list[int]:
    order = count.in_order(count.able_to_win(), lambda place: -count.votes[place])
    return take_in_order(count, order, count.budget, stop=count.setting("when_full", "skip") == "stop")


def greedy_per_euro(count: Count) -> list[int]:
    def worth(place: int) -> Any:
        votes, cost = count.votes[place], count.costs[place]
        return (1, -Fraction(votes, cost)) if cost else (0, -votes)

    order = count.in_order(count.able_to_win(), worth)
    return take_in_order(count, order, count.budget, stop=count.setting("when_full", "skip") == "stop")


def equal_shares(count: Count) -> list[int]:
    """Peters, Pierczynski and Skowron (2021), with growing shares and a completion where the settings ask for it."""
    able = count.able_to_win()
    mode, step = count.setting("increment", "none"), count.setting("increment_cents", 100)
    share = Fraction(count.budget, count.voters) if count.voters else Fraction(0)
    if count.setting("start", "exact") == "whole" and mode != "none":
        share = Fraction(share // step * step)
    shares = Shares(count, able)
    winners = shares.once(share)
    while mode != "none":
        left = waiting(count, able, winners)
        room = count.budget - sum(count.costs[place] for place in winners)
        if not left or (mode == "until_exhaustive" and all(count.costs[place] > room for place in left)):
            break
        share += step
        following = shares.once(share)
        if sum(count.costs[place] for place in following) > count.budget:
            break
        winners = following
    if count.setting("completion", "none") == "greedy":
        room = count.budget - sum(count.costs[place] for place in winners)
        order = count.in_order(waiting(count, able, winners), lambda place: -count.votes[place])
        winners = winners + take_in_order(count, order, room, won=winners)
    return winners


def waiting(count: Count, able: Iterable[int], winners: Iterable[int]) -> list[int]:
    out = set(winners).union(*(count.mates[place] for place in winners)) if winners else set()
    return [place for place in able if place not in out]


class Shares:
    """One count of Equal Shares. Purses are whole numbers over one common unit, so every comparison that decides is exact.

    Voters who have the same left share a purse: there are far fewer purses than voters. Floats only choose which prices are worth
    computing exactly, with a margin far wider than their error.
    """

    NEAR = 1e-9

    def __init__(self, count: Count, able: list[int]) -> None:
        self.count, self.able = count, able
        self.supporters: dict[int, list[int]] = {place: [] for place in able}
        self.points: dict[int, list[int]] = {place: [] for place in able}
        self.weights: dict[int, list[int]] = {place: [] for place in able}
        for group, (marks, number) in enumerate(count.marks):
            for place, points in marks.items():
                if place in self.supporters:
                    self.supporters[place].append(group)
                    self.points[place].append(points)
                    self.weights[place].append(number)
        self.all_ones = {place for place, points in self.points.items() if set(points) <= {1}}

    def gain(self, place: int) -> int:
        return (
            self.count.costs[place]
            if self.count.setting("utility", "cost") == "cost" and self.count.costs[place]
            else 1
        )

    def once(self, share: Fraction) -> list[int]:
        """The places that are elected when every voter has `share` cents, in order."""
        self.unit, self.purses = share.denominator, [share.numerator]
        self.purse_of = [0] * len(self.count.marks)
        self.known: dict[int, list[tuple[int, int, int]]] = {}
        # Purses only shrink, so what a price was once is what it is at least.
        least = dict.fromkeys(self.able, 0.0)
        winners = []
        while least:
            level, price = self.cheapest(least)
            if not level:
                break
            place = min(level, key=self.count.tie_key)
            self.pay(place, price)
            winners.append(place)
            for gone in {place} | self.count.mates[place]:
                least.pop(gone, None)
        return winners

    def cheapest(self, least: dict[int, float]) -> tuple[list[int], Fraction]:
        """The options with the lowest price per utility, and the price per point of those; nothing when none can be paid."""
        best, known = float("inf"), {}
        for place in sorted(least, key=least.__getitem__):
            if least[place] > best * (1 + self.NEAR):
                break
            known[place] = least[place] = self.about(place)
            best = min(best, known[place])
        for place in [place for place, rho in known.items() if rho == float("inf")]:
            del least[place]
        offers = {}
        for place, rho in known.items():
            if rho < float("inf") and rho <= best * (1 + self.NEAR):
                price = self.price(place)
                if price is None:
                    least.pop(place, None)
                else:
                    offers[place] = price
        if not offers:
            return self.cheapest(least) if known and least else ([], Fraction(0))
        lowest = min(price / self.gain(place) for place, price in offers.items())
        level = [place for place, price in offers.items() if price / self.gain(place) == lowest]
        return level, offers[min(level, key=self.count.tie_key)]

    def alike(self, place: int) -> list[tuple[int, int, int]]:
        """The supporters of an option as (purse, points they give, how many), the poorest per point in front."""
        if place not in self.known:
            numbers: dict[Any, int] = defaultdict(int)
            mine = map(self.purse_of.__getitem__, self.supporters[place])
            kinds = mine if place in self.all_ones else zip(mine, self.points[place])
            for kind, number in zip(kinds, self.weights[place]):
                numbers[kind] += number
            found = [(*(kind if isinstance(kind, tuple) else (kind, 1)), number) for kind, number in numbers.items()]
            with_money = [(self.purses[purse], points, number) for purse, points, number in found]
            self.known[place] = sorted(with_money, key=lambda each: each[0] / (each[1] * self.unit))
        return self.known[place]

    def about(self, place: int) -> float:
        """The price per utility in floats; infinite when the supporters surely lack the money."""
        alike, cost = self.alike(place), self.count.costs[place]
        power, missing = float(sum(points * number for _purse, points, number in alike)), float(cost)
        for purse, points, number in alike:
            each = purse / (points * self.unit)
            if missing <= each * power:
                return max(missing, 0.0) / power / self.gain(place)
            missing -= each * points * number
            power -= points * number
        # So little is missing that only exact numbers can tell.
        purse, points, _number = alike[-1]
        return purse / (points * self.unit) / self.gain(place) if missing <= cost * self.NEAR else float("inf")

    def price(self, place: int) -> Fraction | None:
        """The exact price per point, None when the supporters cannot pay."""
        rich, unit = self.alike(place), self.unit
        missing = self.count.costs[place] * unit
        power = sum(points * number for _purse, points, number in rich)
        while rich:
            able = [each for each in rich if each[0] * power >= missing * each[1]]
            if len(able) == len(rich):
                return Fraction(missing, unit * power)
            # Who cannot pay this price gives everything; the others pay a higher one.
            poor = [each for each in rich if each[0] * power < missing * each[1]]
            missing -= sum(purse * number for purse, _points, number in poor)
            power -= sum(points * number for _purse, points, number in poor)
            rich = able
        return None

    def pay(self, place: int, price: Fraction) -> None:
        unit = lcm(self.unit, price.denominator)
        factor = unit // self.unit
        self.purses, self.unit = [purse * factor for purse in self.purses], unit
        asked = price.numerator * (unit // price.denominator)
        purse_with = {money: purse for purse, money in enumerate(self.purses)}
        after: dict[tuple[int, int], int] = {}
        for group, points in zip(self.supporters[place], self.points[place]):
            before = self.purse_of[group], points
            if before not in after:
                left = max(0, self.purses[before[0]] - asked * points)
                after[before] = purse_with.setdefault(left, len(self.purses))
                self.purses += [left] * (after[before] == len(self.purses))
            self.purse_of[group] = after[before]
        self.known.clear()


# Choices without money


def seats_for(count: Count, levels: Iterable[Sequence[int]]) -> list[int]:
    """The seats go to the first levels; within a level the tie rule decides."""
    ordered = [place for level in levels for place in sorted(level, key=count.tie_key)]
    return ordered[: count.setting("seats", 1)]


def most_first(count: Count, places: Iterable[int], worth: Sequence[int]) -> list[int]:
    levels = defaultdict(list)
    for place in places:
        levels[worth[place]].append(place)
    return seats_for(count, [levels[each] for each in sorted(levels, reverse=True)])


def most_votes(count: Count) -> list[int]:
    """Plurality, approval, score and points: the most votes or points win. Rankings count as votes for what stands on them."""
    if count.is_ranked and count.settings["rule"] == "approval":
        count.votes = [
            sum(number for ranking, number in count.rankings if place in ranking) for place in range(count.size)
        ]
    return most_first(count, count.able_to_win(), count.votes)


# Rankings


def preferred(count: Count) -> list[list[int]]:
    """table[a][b]: ballots that prefer a to b; what is not ranked comes last, level."""
    table = [[0] * count.size for _place in range(count.size)]
    for ranking, number in count.rankings:
        below = set(range(count.size))
        for place in ranking:
            below.discard(place)
            for other in below:
                table[place][other] += number
    return table


def victories(count: Count, table: list[list[int]]) -> dict[tuple[int, int], int]:
    """{(a, b): strength} for every pair in which a beats b."""
    margins = count.setting("strength", "winning_votes") == "margins"
    places = range(count.size)
    return {
        (a, b): table[a][b] - (table[b][a] if margins else 0)
        for a in places
        for b in places
        if table[a][b] > table[b][a]
    }


def unbeaten_first(count: Count, beats: set[tuple[int, int]]) -> list[int]:
    """Levels: those that nobody beats, then those that nobody of the rest beats, and so on. Who stands on no ballot never wins."""
    left, levels = sorted(count.supporters()), []
    while left:
        level = [place for place in left if not any((other, place) in beats for other in left)]
        levels.append(level)
        left = [place for place in left if place not in level]
    return seats_for(count, levels)


def schulze(count: Count) -> list[int]:
    path = victories(count, preferred(count))
    places = range(count.size)
    for over in places:
        for a in places:
            for b in places:
                if len({a, b, over}) == 3:
                    path[a, b] = max(path.get((a, b), 0), min(path.get((a, over), 0), path.get((over, b), 0)))
    return unbeaten_first(count, {(a, b) for a, b in path if path[a, b] > path.get((b, a), 0)})


def ranked_pairs(count: Count) -> list[int]:
    strength = victories(count, preferred(count))
    rank = {place: number for number, place in enumerate(sorted(range(count.size), key=count.tie_key))}
    reaches = set()
    for a, b in sorted(strength, key=lambda pair: (-strength[pair], rank[pair[0]], -rank[pair[1]])):
        if (b, a) not in reaches:
            before = {a} | {other for other in rank if (other, a) in reaches}
            after = {b} | {other for other in rank if (b, other) in reaches}
            reaches |= {(first, second) for first in before for second in after}
    return unbeaten_first(count, reaches)


def copeland(count: Count) -> list[int]:
    table, draw = preferred(count), {"half": 1, "nothing": 0, "full": 2}[count.setting("draw", "half")]
    places = range(count.size)
    halves = [
        sum(2 if table[a][b] > table[b][a] else draw if table[a][b] == table[b][a] else 0 for b in places if b != a)
        for a in places
    ]
    return most_first(count, count.supporters(), halves)


def borda(count: Count) -> list[int]:
    convention, size = count.setting("convention", "average"), count.size
    halves = [0] * size
    for ranking, number in count.rankings:
        first = {"average": size - 1, "zero": size - 1, "from_n": size, "modified": len(ranking)}[convention]
        for rank, place in enumerate(ranking):
            halves[place] += 2 * (first - rank) * number
        if convention == "average":
            for place in set(range(size)) - set(ranking):
                halves[place] += (size - len(ranking) - 1) * number
    return most_first(count, count.supporters(), halves)


class Transfers:
    """Ballots on piles: each with the one it ranks highest of those still in, at a value in `unit`ths of a vote."""

    def __init__(self, count: Count, unit: int) -> None:
        self.count, self.unit = count, unit
        self.left, self.votes = list(range(count.size)), [0] * count.size
        self.history: list[list[int]] = []
        self.elected: list[int] = []
        self.piles: dict[int, list[tuple[list[int], int, int]]] = {place: [] for place in range(count.size)}
        self.give([(ranking, number, unit) for ranking, number in count.rankings])

    def give(self, ballots: list[tuple[list[int], int, int]]) -> None:
        for ranking, number, value in ballots:
            goes_to = next((place for place in ranking if place in self.left), None)
            if goes_to is not None:
                self.piles[goes_to].append((ranking, number, value))
                self.votes[goes_to] += number * value

    def in_order(self, places: Iterable[int]) -> list[int]:
        return self.count.in_order(places, lambda place: -self.votes[place], self.history)

    def elect(self, place: int) -> None:
        self.elected.append(place)
        self.left.remove(place)

    def exclude_last(self) -> None:
        place = self.in_order(self.left)[-1]
        self.left.remove(place)
        ballots, self.piles[place], self.votes[place] = self.piles[place], [], 0
        self.give(ballots)

    def pass_on(self, place: int, quota: int) -> None:
        """Everything above the quota goes on with all ballots of the pile, each at a lower value, cut off to whole units."""
        total, ballots = self.votes[place], self.piles[place]
        self.votes[place], self.piles[place] = quota, []
        self.give([(ranking, number, value * (total - quota) // total) for ranking, number, value in ballots])

    def end_stage(self) -> None:
        self.history.append(list(self.votes))


def instant_runoff(count: Count) -> list[int]:
    course = Transfers(count, 1)
    only_two = count.setting("finish", "majority") == "two_left"

    def elect() -> None:
        best = max(course.left, key=course.votes.__getitem__, default=None)
        if best is None or not course.votes[best]:
            return
        majority = 2 * course.votes[best] > sum(course.votes[place] for place in course.left)
        if len(course.left) == 1 or (majority and (not only_two or len(course.left) == 2)):
            course.elect(best)

    elect()
    course.end_stage()
    while not course.elected and len(course.left) > 1 and any(course.votes):
        course.exclude_last()
        elect()
        course.end_stage()
    return course.elected


def scottish_stv(count: Count) -> list[int]:
    """The Scottish Local Government Elections Order 2007, Schedule 1: weighted inclusive Gregory, five decimals."""
    unit, seats = 10**5, count.setting("seats", 1)
    course, named = Transfers(count, unit), count.supporters()
    quota = (sum(count.votes) // (seats + 1) + 1) * unit

    def fill() -> None:
        for place in course.in_order(course.left):
            if course.votes[place] >= quota:
                course.elect(place)
        if len(course.left) <= seats - len(course.elected):
            for place in course.in_order(course.left):
                if place in named:
                    course.elect(place)

    fill()
    course.end_stage()
    while len(course.elected) < seats and any(place in named for place in course.left):
        above = [place for place in course.elected if course.votes[place] > quota]
        if above:
            course.pass_on(course.in_order(above)[0], quota)
        else:
            course.exclude_last()
        fill()
        course.end_stage()
    return course.elected


RULES = {
    "greedy": greedy,
    "greedy-per-euro": greedy_per_euro,
    "equal-shares": equal_shares,
    "plurality": most_votes,
    "approval": most_votes,
    "score": most_votes,
    "points": most_votes,
    "borda": borda,
    "instant-runoff": instant_runoff,
    "scottish-stv": scottish_stv,
    "schulze": schulze,
    "ranked-pairs": ranked_pairs,
    "copeland": copeland,
}


# --- The command ------------------------------------------------------------------------------------------------------


def heads_in(given: str) -> tuple[str, list[str]]:
    """(name, heads) of what somebody saved: a head itself, a log.json, or any text such as a mail."""
    if HEX.fullmatch(given.lower()):
        return given, [given.lower()]
    text = Path(given).read_text(encoding="utf-8", errors="replace")
    try:
        return given, [line["head"] for line in json.loads(text)["checkpoints"]]
    except (ValueError, KeyError, TypeError):
        return given, HEX.findall(text.lower())


def main(arguments: Sequence[str] | None = None, write: Callable[[str], Any] = print) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("path", metavar="FOLDER_OR_ZIP")
    parser.add_argument(
        "--head",
        action="append",
        default=[],
        metavar="FILE_OR_HEX",
        help="a head you saved; may be given more than once",
    )
    parser.add_argument("--lang", choices=["nl", "en"], default="nl")
    given = parser.parse_args(arguments)
    try:
        verifier = Verifier(Files(given.path), [heads_in(each) for each in given.head], given.lang)
        status = verifier.run()
    except (Unreadable, OSError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile) as problem:
        write(TEXTS["unreadable"][given.lang == "en"].format(problem=problem or type(problem).__name__))
        return UNREADABLE
    write(verifier.say("vote", title=verifier.vote["rules"]["title"]))
    if verifier.vote["rules"].get("is_test"):
        write(verifier.say("test"))
    names = {RIGHT: "right", WRONG: "wrong", INCOMPLETE: "open"}
    for kind, text in verifier.found:
        write(f"{verifier.say(names[kind])}: {text}")
    write(verifier.say({RIGHT: "all_right", WRONG: "something_wrong", INCOMPLETE: "incomplete"}[status]))
    return status


if __name__ == "__main__":
    # Nothing here goes round in circles, and looking for circles takes a fifth of the time.
    gc.disable()
    sys.exit(main())
