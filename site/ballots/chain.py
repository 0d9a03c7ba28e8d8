"""The public log of a vote: Merkle roots and the chain of heads. `docs/reference/vote-format.md` is the same in words.

root of a batch = the Merkle tree of RFC 6962 (section 2.1) over its leaves, sorted; a leaf is a hash already (`ballots.box.leaf_of`)
root of number 0 = SHA-256(0x01 ‖ rules hash ‖ roll root)
head = SHA-256(previous head ‖ number as 8 bytes, most significant first ‖ root); before number 0 stand 32 zero bytes
"""

from collections.abc import Iterable
from hashlib import sha256

NO_HEAD = bytes(32)


def merkle_root(leaves: Iterable[bytes]) -> bytes:
    """The root over these leaf hashes in sorted order, so that the order of casting is in nothing; of none: SHA-256 of nothing."""
    level = sorted(leaves)
    if not level:
        return sha256(b"").digest()
    while len(level) > 1:
        left_over = [level.pop()] if len(level) % 2 else []
        each = iter(level)
        level = [sha256(b"\1" + left + right).digest() for left, right in zip(each, each, strict=True)] + left_over
    return level[0]


def node(left: bytes, right: bytes) -> bytes:
    """A node of the tree."""
    return sha256(b"\1" + left + right).digest()


def roll_root(voter_keys: Iterable[bytes]) -> bytes:
    """What fixes the roll: the Merkle root over the keys, each hashed as a leaf."""
    return merkle_root(sha256(b"\0" + key).digest() for key in voter_keys)


def first_root(rules_hash: bytes, roll: bytes) -> bytes:
    """The root of number 0."""
    return node(rules_hash, roll)


def head_of(previous: bytes, seq: int, root: bytes) -> bytes:
    """The head that follows `previous`."""
    return sha256(previous + seq.to_bytes(8, "big") + root).digest()
