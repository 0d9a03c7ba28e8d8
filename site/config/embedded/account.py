"""The user a server runs as. PostgreSQL refuses to run as root, so root lends it a user of its own.

That user must be able to pass through the folders above the project. A clone in `/root` or in a
private temporary folder is closed to it; root then gives it the right to pass through, to it alone
(an access control entry), instead of opening the folder to everybody.
"""

import os
import pwd
import struct
import subprocess
from pathlib import Path

from config.embedded.folder import EmbeddedProblem

USER_NAME = "embedded_postgres"

_ACL = "system.posix_acl_access"
_HEADER, _ENTRY = struct.Struct("<I"), struct.Struct("<HHI")
_VERSION = 2
_USER_OBJ, _USER, _GROUP_OBJ, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
_NO_ID = 0xFFFFFFFF
_PASS = 1

# (kind, rights, user or group id)
Entry = tuple[int, int, int]


def server_account(data: Path) -> pwd.struct_passwd | None:
    """The account to run a server with data folder `data` as; None means: as ourselves."""
    if os.geteuid() != 0:
        return None
    if data.exists() and (owner := data.stat().st_uid):
        return _account_of(owner)
    return _own_account()


def _account_of(uid: int) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        return pwd.struct_passwd((str(uid), "x", uid, uid, "", "/", "/bin/false"))


def _own_account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(USER_NAME)
    except KeyError:
        return _new_account()


def _new_account() -> pwd.struct_passwd:
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", USER_NAME]
    try:
        subprocess.run(command, check=True, capture_output=True)
        return pwd.getpwnam(USER_NAME)
    except (OSError, subprocess.CalledProcessError, KeyError):
        # A machine where no user can be made still has this one.
        return pwd.getpwnam("nobody")


def hand_over(folder: Path, account: pwd.struct_passwd) -> None:
    """Makes `account` the owner of all that is in the folder, then of the folder itself: its owner tells that it is done."""
    if folder.stat().st_uid == account.pw_uid:
        return
    for path in (*folder.rglob("*"), folder):
        os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)


def let_pass(account: pwd.struct_passwd, *paths: Path) -> None:
    """Lets `account` pass through every folder above `paths`; lists and reads stay as closed as they were."""
    for folder in {parent for path in paths for parent in path.resolve().parents}:
        if not _may_pass(account, folder):
            _add_entry(account, folder)


def _may_pass(account: pwd.struct_passwd, folder: Path) -> bool:
    status = folder.stat()
    if status.st_uid == account.pw_uid:
        return bool(status.st_mode & 0o100)
    return bool(status.st_mode & 0o001) and status.st_gid != account.pw_gid


def _add_entry(account: pwd.struct_passwd, folder: Path) -> None:
    try:
        os.setxattr(folder, _ACL, _with_pass(_entries(folder), account.pw_uid))
    except (OSError, AttributeError) as problem:
        raise EmbeddedProblem(
            f"The servers run as the user “{account.pw_name}”, who may not pass through {folder}: "
            "move the project to a folder that others may enter, such as /srv, or start as an ordinary user."
        ) from problem


def _entries(folder: Path) -> list[Entry]:
    """The folder's access list; made from its mode when it has none yet."""
    try:
        raw = os.getxattr(folder, _ACL)
    except OSError:
        mode = folder.stat().st_mode
        owner, group, other = mode >> 6 & 7, mode >> 3 & 7, mode & 7
        return [
            (_USER_OBJ, owner, _NO_ID),
            (_GROUP_OBJ, group, _NO_ID),
            (_MASK, group, _NO_ID),
            (_OTHER, other, _NO_ID),
        ]
    return list(_ENTRY.iter_unpack(raw[_HEADER.size :]))


def _with_pass(entries: list[Entry], uid: int) -> bytes:
    """The packed list with `uid` allowed to pass. The mask caps what named users get, so it must allow it too."""
    kept = [entry for entry in entries if (entry[0], entry[2]) != (_USER, uid) and entry[0] != _MASK]
    mask = next((rights for kind, rights, _ in entries if kind == _MASK), 0)
    listed = [*kept, (_USER, _PASS, uid), (_MASK, mask | _PASS, _NO_ID)]
    ordered = sorted(listed, key=lambda entry: (entry[0], entry[2]))
    return _HEADER.pack(_VERSION) + b"".join(_ENTRY.pack(*entry) for entry in ordered)
