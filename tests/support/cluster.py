# cluster.py: a real local cluster for a test, and proof that nothing of it is left
# SPDX-License-Identifier: GPL-3.0-or-later

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("RUCHE_BUILD_DIR", TOP / "build"))
RUCHECTL = BUILD / "src-client-cli" / "ruchectl"

# Sanitizers make everything several times slower; only how long a test waits depends on it.
PATIENCE = 4 if "asan" in BUILD.name else 1


def wait_until(condition, seconds=20, what="a condition"):
    """Waits until condition() is true and returns its value."""
    end = time.monotonic() + seconds * PATIENCE
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds * PATIENCE} s for {what}")


class Process:
    """A process as /proc shows it; a number taken by a later process is not the same one."""

    def __init__(self, pid):
        self.pid = pid
        stat = Path(f"/proc/{pid}/stat").read_text()
        self.name = stat[stat.index("(") + 1:stat.rindex(")")]
        fields = stat[stat.rindex(")") + 2:].split()
        self.state, self.parent, self.start = fields[0], int(fields[1]), int(fields[19])
        self.words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(
            "utf-8", "replace").split("\0")

    def __repr__(self):
        return f"<{self.pid} {self.name} {self.state}: {' '.join(self.words)[:200]}>"

    def is_alive(self):
        try:
            now = Process(self.pid)
        except (FileNotFoundError, ProcessLookupError):
            return False
        return now.start == self.start and now.state not in "ZX"

    def uids(self):
        """Real, effective, saved and file-system user."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("Uid:"):
                return [int(uid) for uid in line.split()[1:]]
        raise AssertionError("no Uid line")


def all_processes():
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                found.append(Process(int(entry)))
            except (FileNotFoundError, ProcessLookupError):
                pass
    return found


class Cluster:
    """One master and its slaves, in folders of their own."""

    def __init__(self, slaves=3):
        self.slaves = slaves
        self.top = Path(tempfile.mkdtemp(prefix="ruche-test-", dir="/tmp"))
        self.top.chmod(0o755)
        self.runtime = self.top / "run"
        self.state = self.top / "state"
        self.socket = self.runtime / "master.sock"
        self.seen = {}
        self.environment = {
            **{name: value for name, value in os.environ.items()
               if name not in ("XDG_RUNTIME_DIR", "RUCHE_MASTER", "LANGUAGE", "LANG")},
            "RUCHE_BUILD_DIR": str(BUILD), "RUCHE_SOURCE_DIR": str(TOP),
            "RUCHE_RUNTIME_DIR": str(self.runtime), "RUCHE_STATE_DIR": str(self.state),
            "LC_ALL": "C.UTF-8",
        }

    # Commands.

    def popen(self, *words, **options):
        """Starts ruchectl; standard input is empty unless `stdin` says otherwise."""
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
                   "stderr": subprocess.PIPE, "env": self.environment, **options}
        return subprocess.Popen([str(RUCHECTL), *map(str, words)], **options)

    def ctl(self, *words, input=None, timeout=120, **options):
        """Runs ruchectl to its end; its output comes as bytes."""
        how = {"stdin": subprocess.DEVNULL} if input is None else {"input": input}
        return subprocess.run([str(RUCHECTL), *map(str, words)], capture_output=True,
                              timeout=timeout * PATIENCE,
                              **{"env": self.environment, **how, **options})

    def check(self, *words, **options):
        """Runs ruchectl, which must succeed, and returns what it printed."""
        done = self.ctl(*words, **options)
        assert done.returncode == 0, (words, done.returncode, done.stdout, done.stderr)
        return done.stdout.decode()

    def json(self, *words, **options):
        """Runs ruchectl … --json and returns the object, whatever the exit status."""
        done = self.ctl(*words, "--json", **options)
        try:
            return json.loads(done.stdout)
        except ValueError:
            raise AssertionError(f"{words} answered {done}") from None

    def run(self, *words, **options):
        """Runs a program and returns the object of `run --json`."""
        return self.json("run", *words, **options)

    def program(self, name, text):
        """Writes a source file and returns its path."""
        path = self.top / "programs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def servers(self):
        return self.json("servers")

    def job_info(self, job):
        return self.json("show", job)

    # Life and death.

    def up(self):
        done = self.ctl("up", "--slaves", self.slaves)
        assert done.returncode == 0, done.stdout.decode() + done.stderr.decode() + self.logs()
        self.note_processes()
        return self

    def daemons(self):
        """The master and the slaves: whoever has our folders on its command line."""
        return [process for process in all_processes()
                if process.name in ("ruche-master", "ruche-slave") and process.state not in "ZX"
                and any(str(self.top) in word for word in process.words)]

    def master(self):
        masters = [process for process in self.daemons() if process.name == "ruche-master"]
        assert len(masters) == 1, masters
        return masters[0]

    def slave(self, name):
        slaves = [process for process in self.daemons()
                  if process.name == "ruche-slave" and name in process.words]
        assert len(slaves) == 1, slaves
        return slaves[0]

    def processes(self):
        """The daemons with all their children, boxes included."""
        everyone = all_processes()
        ours = {process.pid for process in self.daemons()}
        grown = True
        while grown:
            more = {process.pid for process in everyone if process.parent in ours} - ours
            ours |= more
            grown = bool(more)
        return [process for process in everyone if process.pid in ours]

    def note_processes(self):
        """Remembers who is there, for the check at the end."""
        for process in self.processes():
            self.seen[process.pid, process.start] = process

    def kill(self, process, number=signal.SIGKILL):
        """Ends one of the cluster's processes, whose children must then end by themselves."""
        self.note_processes()
        os.kill(process.pid, number)

    def wait_idle(self, seconds=20):
        """Waits until no server holds anything."""
        wait_until(lambda: all(server["busy"] == 0 for server in self.servers()), seconds,
                   "all slots to be free")

    def wait_boxes_gone(self, seconds=20):
        """Waits until no box of a running slave is left."""
        def boxes():
            return [process for process in self.processes()
                    if process.name not in ("ruche-master", "ruche-slave")]
        wait_until(lambda: not boxes(), seconds, "all boxes to be gone")

    def logs(self):
        found = [path for folder in (self.runtime, self.state) if folder.is_dir()
                 for path in sorted(folder.rglob("*.log"))]
        return "".join(f"\n--- {path.name}\n{path.read_text(errors='replace')[-4000:]}"
                       for path in found)

    def leftovers(self):
        """What a cluster that was taken down has left: processes, mounts, sockets."""
        alive = [repr(process) for process in self.seen.values() if process.is_alive()]
        mounts = [line for line in Path("/proc/self/mountinfo").read_text().splitlines()
                  if str(self.top) in line]
        sockets = [line for line in Path("/proc/net/unix").read_text().splitlines()
                   if str(self.top) in line]
        return alive + mounts + sockets

    def down(self):
        """Takes the cluster down; fails if anything stays behind."""
        self.note_processes()
        try:
            done = self.ctl("down")
            assert done.returncode == 0, done.stderr.decode()
            wait_until(lambda: not self.leftovers(), 10, f"these to go: {self.leftovers()}")
            assert not self.socket.exists()
        finally:
            for process in self.seen.values():
                if process.is_alive():
                    os.kill(process.pid, signal.SIGKILL)
            shutil.rmtree(self.top, ignore_errors=True)
