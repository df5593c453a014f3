# test_full_disk.py: a master whose disk is full says so, goes on with what it has, and recovers
# SPDX-License-Identifier: GPL-3.0-or-later

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from master import PROGRAM, Master, Slave
from wire import Wire, WireError, commands, program

SIZE_KIB = 2048


def on_tmpfs(folder, options):
    """Begins a command that finds a tmpfs on the folder, in a mount namespace of its own."""
    script = f"mount -t tmpfs -o {options} none \"$1\" && shift && exec \"$@\""
    begin = ["sh", "-c", script, "sh", str(folder)]
    if os.geteuid() == 0:
        return ["unshare", "--mount", *begin]
    # The master must not take itself for root, which it would be in the outer namespace.
    return ["unshare", "--mount", "--map-root-user", *begin, "unshare", "--user", "--map-user=1"]


class SmallDisk(Master):
    """A master whose state folder is a small tmpfs."""

    def __init__(self):
        super().__init__()
        (self.top / "state").mkdir(mode=0o700)
        self.start()

    def command(self):
        return on_tmpfs(self.top / "state", f"size={SIZE_KIB}k,mode=700")

    def path(self, *names):
        """The folder as the master sees it."""
        return f"/proc/{self.process.pid}/root{self.top}/state/" + "/".join(names)

    def fill(self):
        """Takes all room that is left, as another program on that disk would."""
        with open(self.path("filler"), "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 65536)
            except OSError:
                pass

    def make_room(self):
        os.unlink(self.path("filler"))


@pytest.fixture
def open_folder():
    """A folder that the user whom the master becomes can reach."""
    made = Path(tempfile.mkdtemp(prefix="ruche-test-", dir="/tmp"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def small():
    made = SmallDisk()
    yield made
    log = made.log()
    assert made.process.poll() is None and "CRITICAL" not in log, log
    made.end()


def text(letter, kib):
    return letter * (kib * 1024)


def test_submission_on_a_full_disk(small):
    with Slave(small.socket) as slave, Wire(small.socket) as client:
        running = client.submit(commands(), [{"command": "a"}])
        slave.tasks()
        small.fill()
        spec, blob = program("a.c", "c", text("a", 64))
        with pytest.raises(WireError, match="disk is full.*make room") as refused:
            client.submit(spec, [{}], [blob])
        assert refused.value.code == "no-space"
        # What runs goes on, and so does what needs no room.
        slave.finished((running, 0, 1, "ok"))
        assert client.follow(running)[0][0]["verdict"] == "ok"
        other = client.submit(commands(), [{"command": "b"}])
        [(job, task, attempt, _)] = slave.tasks()
        slave.finished((job, task, attempt, "ok"))
        assert client.follow(other)[0][0]["verdict"] == "ok"
        small.make_room()
        again = client.submit(spec, [{}], [blob])
        slave.tasks()
        slave.send("get", blobs=[spec["files"][0]["blob"]])
        assert slave.expect("put")[2] == blob
        slave.finished((again, 0, 1, "ok"))


def test_output_on_a_full_disk(small):
    """The output ends where the disk was full, which the result says; the next job's is whole."""
    with Slave(small.socket) as slave, Wire(small.socket) as client:
        job = client.submit(commands(), [{"command": "a"}, {"command": "b"}])
        slave.tasks(2)
        client.request("follow", job=job, output=True)
        slave.output(job, 0, b"shown at once")
        assert client.next_of("output")[2] == b"shown at once"
        # So is this, from memory; it is what the full disk takes back.
        small.fill()
        for offset in range(13, 13 + 40 * 65536, 65536):
            slave.output(job, 0, b"y" * 65536, offset=offset)
        slave.output(job, 0, b"", offset=13 + 40 * 65536, end=True)
        slave.finished((job, 0, 1, "ok"), (job, 1, 1, "ok"))
        results = {}
        while len(results) < 2:
            results |= {row["task"]: row for row in client.next_of("results")[1]["results"]}
        client.next_of("job-finished")
        assert "disk is full" in results[0]["reason"] and results[0]["verdict"] == "ok"
        assert results[0].get("stdout_size", 0) < 40 * 65536
        assert "reason" not in results[1]
        small.make_room()
        job = client.submit(commands(), [{"command": "a"}])
        slave.tasks()
        slave.output(job, 0, b"z" * 65536, end=True)
        slave.finished((job, 0, 1, "ok"))
        results, streams = client.follow(job, output=True)
        assert streams[0, "stdout"] == b"z" * 65536 and "reason" not in results[0]


def test_files_that_nobody_needs_make_room(small):
    """Sources of jobs that were deleted stay as long as there is room, and no longer."""
    with Slave(small.socket) as slave, Wire(small.socket) as client:
        for letter in "abcdefgh":
            spec, blob = program("a.c", "c", text(letter, SIZE_KIB * 3 // 8))
            job = client.submit(spec, [{}], [blob])
            slave.tasks()
            slave.finished((job, 0, 1, "ok"))
            assert client.follow(job)[0][0]["verdict"] == "ok"
            client.request("delete", job=job)
        # One that is still needed does not make room.
        kept, first = program("a.c", "c", text("k", SIZE_KIB * 5 // 8))
        client.submit(kept, [{}], [first])
        slave.tasks()
        spec, blob = program("a.c", "c", text("l", SIZE_KIB * 5 // 8))
        with pytest.raises(WireError, match="disk is full"):
            client.submit(spec, [{}], [blob])
        slave.send("get", blobs=[kept["files"][0]["blob"]])
        got = b""
        while len(got) < len(first):
            got += slave.expect("put")[2]
        assert got == first


@pytest.mark.parametrize("folder", ["run", "state"])
@pytest.mark.parametrize("inodes", [1, 2], ids=["no-folder", "empty-folder"])
def test_full_disk_at_the_start(folder, inodes, open_folder):
    """One sentence that names the folder, and exit status 1."""
    full = open_folder / "full"
    full.mkdir()
    places = {"run": open_folder / "run", "state": open_folder / "state", folder: full / folder}
    done = subprocess.run(
        [*on_tmpfs(full, f"size=4k,nr_inodes={inodes}"), PROGRAM,
         "--listen", str(places["run"] / "m.sock"), "--state", str(places["state"])],
        capture_output=True, text=True, timeout=60, env=os.environ | {"LC_ALL": "C.UTF-8"})
    assert done.returncode == 1 and done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.startswith("ruche-master: "), done.stderr
    assert "disk" in done.stderr and str(places[folder]) in done.stderr, done.stderr
