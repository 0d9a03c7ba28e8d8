"""The checks of a published vote once more, written from `docs/reference/vote-format.md` alone: if the page is wrong, this fails.

It shares nothing with the site or with `verify.py`, and is as plain as it can be. It leaves out the forms of ballots and the counts.
"""

import json
from hashlib import sha256


def problems_in(folder):
    """What is wrong with the files in this folder, in words; empty when nothing is."""
    about = json.loads((folder / "vote.json").read_bytes())
    log = json.loads((folder / "log.json").read_bytes())["checkpoints"]
    ballots, superseded = lines(folder / "ballots.jsonl"), lines(folder / "superseded.jsonl")
    result = (folder / "result.json").read_bytes()
    return [
        words
        for words, is_right in {
            "rules": hashed(canonical(about["rules"])) == about["rules_hash"],
            "chain": is_chain(log),
            "start": starts_with(log[0], about),
            "leaves": all(leaf_of(ballot, about["vote"]) == ballot["leaf"] for ballot in ballots),
            "trackers": len({ballot["tracker"] for ballot in ballots}) == len(ballots),
            "batches": batches_fit(log, ballots + superseded),
            "versions": len(superseded) <= sum(ballot["version"] - 1 for ballot in ballots),
            "numbers": len(ballots) == about["ballots"] and (about["source"] or has_voters(about)),
            "channels": has_channels(about, ballots),
            "seed": seed_of(ballots) == about["seed"],
            "seal": hashed(result) == about["result_digest"],
            "lots": has_lots(json.loads(result), about["seed"]),
        }.items()
        if not is_right
    ]


def lines(path):
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii")


def hashed(data):
    return sha256(data).hexdigest()


def leaf_of(ballot, vote):
    content = {"ballot": ballot["ballot"], "nonce": ballot["nonce"], "tracker": ballot["tracker"]}
    return hashed(b"\x00" + canonical({**content, "version": ballot["version"], "vote": vote}))


def tree(leaves):
    """Of sorted leaves, as bytes."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 2 ** ((len(leaves) - 1).bit_length() - 1)
    return sha256(b"\x01" + tree(leaves[:k]) + tree(leaves[k:])).digest()


def is_chain(log):
    previous = "0" * 64
    for number, point in enumerate(log):
        data = bytes.fromhex(previous) + number.to_bytes(8, "big") + bytes.fromhex(point["root"])
        if (point["seq"], point["previous"], point["head"]) != (number, previous, hashed(data)):
            return False
        previous = point["head"]
    return True


def starts_with(point, about):
    root = hashed(b"\x01" + bytes.fromhex(about["rules_hash"]) + bytes.fromhex(about["roll_root"]))
    return point["root"] == root and point["leaves"] == about["roll"]


def batches_fit(log, named):
    numbers = {point["seq"] for point in log[1:]}
    return all(line["checkpoint"] in numbers for line in named) and all(
        is_batch(point, sorted(bytes.fromhex(line["leaf"]) for line in named if line["checkpoint"] == point["seq"]))
        for point in log[1:]
    )


def is_batch(point, leaves):
    return point["leaves"] == len(leaves) and point["root"] == tree(leaves).hex()


def seed_of(ballots):
    return hashed(b"".join(sorted(bytes.fromhex(ballot["leaf"]) for ballot in ballots)))


def has_lots(result, seed):
    return all(
        question["settings"]["seed"] == hashed(f"{seed}:{reference}".encode())
        for reference, question in result["questions"].items()
    )


def has_voters(about):
    return 0 <= about.get("missing", 0) <= about["roll"] - about["ballots"]


def has_channels(about, ballots):
    """What format 2 adds: numbers by channel, and what was blank and invalid; in format 1 nothing is invalid."""
    answers = [ballot["ballot"]["answers"] for ballot in ballots]
    invalid = sum(None in each.values() for each in answers)
    used = {"web"} | {
        name for name, key in (("paper", "on_paper"), ("counter", "at_counter")) if about["rules"].get(key)
    }
    if used == {"web"}:
        return about["format"] == "participatiemix-vote/1" and not invalid
    known = [number for number in about["channels"].values() if number is not None]
    total = sum(known) == len(ballots) if len(known) == len(used) else sum(known) <= len(ballots)
    paper = about["channels"].get("paper", 0)
    counted = {
        name: {
            "blank": sum(each[name] in ([], {}) for each in answers),
            "invalid": sum(each[name] is None for each in answers),
        }
        for name in about["answers"]
    }
    return (
        about["format"] == "participatiemix-vote/2"
        and set(about["channels"]) == used
        and total
        and (paper is None or invalid <= paper)
        and ("paper" in used or not invalid)
        and counted == about["answers"]
    )
