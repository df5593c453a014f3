# test_other_people.py: a master whose socket a group may use; nobody sees or stops another's jobs
# SPDX-License-Identifier: GPL-3.0-or-later

import grp
import json
import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from master import PROGRAM, Master, Slave
from wire import Wire, commands, program

SUPPORT = Path(__file__).resolve().parents[1] / "support"
SECRET = "what ann wrote"

# What the other person does, as a process of theirs: one line of JSON for each request.
OTHER = """
import json, sys
from wire import Wire, WireError, commands
with Wire(sys.argv[1]) as wire:
    print(json.dumps(wire.welcome), flush=True)
    for line in sys.stdin:
        kind, members = json.loads(line)
        try:
            if kind == "submit":
                answer = wire.submit(commands("theirs"), [{"command": "t"}])
            elif kind == "next":
                answer = wire.next_of(members["wanted"])[1]
            else:
                answer = wire.request(kind, **members)[1]
            print(json.dumps(["done", answer]), flush=True)
        except WireError as error:
            print(json.dumps([error.code, str(error)]), flush=True)
"""


class Other:
    """The user `daemon`, who is neither root nor the master's user, in the socket's group or not."""

    def __init__(self, master, group, support):
        account = pwd.getpwnam("daemon")
        self.process = subprocess.Popen(
            [sys.executable, "-B", "-c", OTHER, str(master.socket)], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={"PYTHONPATH": str(support)}, cwd="/", user=account.pw_uid,
            group=account.pw_gid, extra_groups=[group] if group is not None else [])
        line = self.process.stdout.readline()
        self.welcome = json.loads(line) if line else None

    def ask(self, kind, **members):
        """Returns (code or "done", answer or message)."""
        self.process.stdin.write(json.dumps([kind, members]) + "\n")
        self.process.stdin.flush()
        return tuple(json.loads(self.process.stdout.readline()))

    def end(self):
        return self.process.communicate(timeout=60)


@pytest.fixture
def shared(tmp_path):
    path = tmp_path / "master.conf"
    path.write_text("[master]\nsocket-group=users\n")
    made = Master("--config", str(path)).start()
    yield made
    assert made.process.poll() is None and "CRITICAL" not in made.log(), made.log()
    made.end()


@pytest.fixture
def support(shared):
    """The client in plain Python, where everybody may read it."""
    place = shared.top / "support"
    shutil.copytree(SUPPORT, place)
    subprocess.run(["chmod", "-R", "a+rX", place], check=True)
    return place


@pytest.fixture
def group():
    return grp.getgrnam("users").gr_gid


def test_others_see_counts_only(shared, group, support):
    with Slave(shared.socket, "s") as slave, Wire(shared.socket) as ann:
        spec, blob = program(f"{SECRET}.c", "c", SECRET)
        job = ann.submit(spec, [{"args": [SECRET]}], [blob])
        slave.tasks()
        slave.started(job, 0)
        slave.output(job, 0, SECRET.encode())
        other = Other(shared, group, support)
        assert other.welcome["person"] == "daemon"
        seen = []
        for kind, members in [("list-jobs", {}), ("subscribe", {"jobs": True, "servers": True}),
                              ("next", {"wanted": "feed"}), ("list-servers", {})]:
            answer = other.ask(kind, **members)
            assert answer[0] == "done", answer
            seen.append(answer[1])
        [row] = seen[0]["jobs"]
        assert (row["job"], row["tasks"], row["running"]) == (job, 1, 1)
        assert not {"name", "owner", "language", "server"} & set(row), row
        assert [row["job"] for row in seen[2]["jobs"]] == [job]
        for kind, members in [
                ("follow", {"output": True}), ("show-job", {}), ("cancel", {}), ("delete", {}),
                ("read-output", {"task": 0, "stream": "stdout", "offset": 0, "length": 9})]:
            answer = other.ask(kind, job=job, **members)
            assert answer[0] == "denied", (kind, answer)
            seen.append(answer)
        assert SECRET not in json.dumps(seen) and "root" not in json.dumps(seen)
        # Their own job they see whole, and ann, who runs the cluster, sees both.
        state, theirs = other.ask("submit")
        assert state == "done"
        state, listed = other.ask("list-jobs")
        assert [row.get("name") for row in listed["jobs"]] == ["theirs", None]
        assert other.ask("cancel", job=theirs)[0] == "done"
        rows = ann.request("list-jobs")[1]["jobs"]
        assert [row["owner"] for row in rows] == ["daemon", "root"]
        slave.finished((job, 0, 1, "ok"))
        assert ann.follow(job)[0][0]["verdict"] == "ok"
        other.end()


def test_others_may_not_type_or_serve(shared, group, support):
    with Slave(shared.socket, "s") as slave, Wire(shared.socket) as ann:
        job = ann.submit(commands(), [{"command": "cat", "input": "live"}])
        slave.tasks()
        script = ("import sys; from wire import Wire, WireError\n"
                  "from master import Slave\n"
                  "wire = Wire(sys.argv[1])\n"
                  "wire.send('input', payload=b'x', job=int(sys.argv[2]), task=0, offset=0)\n"
                  "try:\n    wire.next()\nexcept WireError as error:\n    print(error)\n"
                  "try:\n    Slave(sys.argv[1], 'mine')\nexcept WireError as error:\n"
                  "    print(error)\n")
        account = pwd.getpwnam("daemon")
        done = subprocess.run([sys.executable, "-B", "-c", script, str(shared.socket), str(job)],
                              user=account.pw_uid, group=account.pw_gid, extra_groups=[group],
                              env=os.environ | {"PYTHONPATH": str(support)}, cwd="/",
                              capture_output=True, text=True, timeout=60)
        typed, served = done.stdout.splitlines()
        assert "another person" in typed and "own user" in served, done
        slave.finished((job, 0, 1, "ok"))
        assert ann.follow(job)[0][0]["verdict"] == "ok"


def test_whoever_is_not_in_the_group_stays_out(shared, support):
    other = Other(shared, None, support)
    assert other.welcome is None
    assert "PermissionError" in other.end()[1]


def test_folder_and_socket(shared, group):
    """The group may enter and connect, and neither make nor remove anything; a killed master's
    folder is taken again."""
    for _ in range(2):
        folder, socket = shared.socket.parent.stat(), shared.socket.stat()
        assert (folder.st_mode & 0o7777, folder.st_gid) == (0o2750, group)
        assert (socket.st_mode & 0o777, socket.st_gid) == (0o660, group)
        assert (shared.top / "state").stat().st_mode & 0o077 == 0
        shared.stop(9)
        shared.start()


def test_unknown_group(tmp_path):
    path = tmp_path / "master.conf"
    path.write_text("[master]\nsocket-group=no-such-group\n")
    done = subprocess.run([PROGRAM, "--config", str(path), "--listen", str(tmp_path / "r" / "m"),
                           "--state", str(tmp_path / "s")], capture_output=True, text=True,
                          timeout=60)
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1
    assert "no-such-group" in done.stderr and "socket-group" in done.stderr
