# master.py: a master alone, and a slave in plain Python that does what a test tells it
# SPDX-License-Identifier: GPL-3.0-or-later

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from cluster import BUILD, PATIENCE
from wire import Wire, WireError

PROGRAM = BUILD / "src-master" / "ruche-master"


class Master:
    """A ruche-master in folders of its own; whatever it logs is kept."""

    def __init__(self, *options):
        self.top = Path(tempfile.mkdtemp(prefix="ruche-master-", dir="/tmp"))
        self.top.chmod(0o755)
        self.socket = self.top / "run" / "master.sock"
        self.log_path = self.top / "log"
        self.options = options
        self.process = None

    def command(self):
        """What comes before the program."""
        return []

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [*self.command(), PROGRAM, "--listen", str(self.socket), "--state", str(self.top / "state"),
                 *self.options], stdout=log, stderr=log, env=os.environ | {"LC_ALL": "C.UTF-8"})
        end = time.monotonic() + 20 * PATIENCE
        while True:
            try:
                Wire(self.socket).close()
                return self
            except (OSError, WireError):
                assert self.process.poll() is None, self.log()
                assert time.monotonic() < end, self.log()
                time.sleep(0.02)

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        return self.process.wait(20 * PATIENCE)

    def log(self):
        return self.log_path.read_text(errors="replace")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def memory_kib(self):
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise AssertionError("no VmRSS line")

    def end(self):
        if self.process is not None and self.process.poll() is None:
            self.stop()
        shutil.rmtree(self.top, ignore_errors=True)


class Slave(Wire):
    """A slave that takes tasks; what becomes of them is the test's to say."""

    def __init__(self, path, name="s", slots=4, languages=("c", "python"), offer=True, held=()):
        self.number = 0
        super().__init__(path, name, role="slave")
        if offer:
            self.send("offer", slots=slots, cores=slots, isolation="rlimit", version="test",
                      toolchains=[{"language": word, "name": word, "version": "1",
                                   "architecture": "x86_64"} for word in languages],
                      held=list(held))

    def say(self, kind, **members):
        """Sends a numbered message."""
        self.number += 1
        self.send(kind, number=self.number, **members)

    def expect(self, kind):
        """The next message of that kind; acknowledgements are passed over."""
        while True:
            message = self.next()
            if message[0] == kind:
                return message
            assert message[0] in ("ack", "output-ack"), message

    def tasks(self, count=1):
        """Waits for so many tasks; returns (job, task, attempt, spec of the task) for each."""
        got = []
        while len(got) < count:
            _, members, _ = self.expect("dispatch")
            assert members["epoch"] == self.welcome["epoch"]
            got += [(job["job"], task["task"], task["attempt"], task["spec"])
                    for job in members["jobs"] for task in job["tasks"]]
        return got

    def started(self, job, task, attempt=1, state="running", step="run"):
        self.say("started", tasks=[{"job": job, "task": task, "attempt": attempt, "state": state,
                                    "step": step}])

    def output(self, job, task, data, attempt=1, stream="stdout", offset=0, end=False):
        self.send("output", payload=data, job=job, task=task, attempt=attempt, stream=stream,
                  offset=offset, end=end)

    def finished(self, *results):
        self.say("finished", results=[
            {"job": job, "task": task, "attempt": attempt, "verdict": verdict, "step": "run"}
            for job, task, attempt, verdict in results])
