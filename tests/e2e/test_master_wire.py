# test_master_wire.py: the master, spoken to directly by clients and slaves that break the rules
# SPDX-License-Identifier: GPL-3.0-or-later

import os
import signal
import subprocess

import pytest
from cluster import PATIENCE, wait_until
from master import PROGRAM, Master, Slave
from wire import PREFIX, Wire, WireError, commands, program

FAILED = "runtime-error"


@pytest.fixture(scope="module")
def shared():
    made = Master().start()
    yield made
    made.end()


@pytest.fixture
def master(shared):
    """The master that the tests of this file share; each must leave it serving and idle."""
    yield shared
    with Wire(shared.socket) as wire:
        listed = wire.request("list-jobs")[1].get("jobs") or []
        for row in listed:
            wire.request("cancel", job=row["job"])
    assert shared.process.poll() is None, shared.log()
    assert "CRITICAL" not in shared.log() and "critical" not in shared.log()


@pytest.fixture
def fresh():
    made = Master().start()
    yield made
    made.end()


def run_master(*options, **more):
    return subprocess.run([PROGRAM, *options], capture_output=True, text=True, timeout=60, **more)


def raw(master, header, payload=b""):
    """Sends bytes as a header after a hello and returns what the master says last."""
    with Wire(master.socket) as wire:
        wire.socket.sendall(PREFIX.pack(len(header), len(payload)) + header + payload)
        with pytest.raises(WireError) as cut:
            while True:
                wire.receive()
        return str(cut.value)


def finish_all(slave, count, verdict="ok"):
    for job, task, attempt, _ in slave.tasks(count):
        slave.finished((job, task, attempt, verdict))


# The course of things.

def test_a_job_from_end_to_end(master):
    with Slave(master.socket) as slave, Wire(master.socket) as client:
        spec, blob = program("a.c", "c", "int main (void) { return 0; }\n")
        job = client.submit(spec, [{"args": ["x"]}], [blob])
        client.request("follow", job=job)
        [(number, task, attempt, got)] = slave.tasks()
        assert (number, task, attempt, got["args"]) == (job, 0, 1, ["x"])
        slave.send("get", blobs=[spec["files"][0]["blob"]])
        _, put, payload = slave.expect("put")
        assert (payload, put["total"]) == (blob, len(blob))
        slave.started(job, 0, state="running", step="compile")
        slave.started(job, 0)
        slave.output(job, 0, b"one\n")
        slave.output(job, 0, b"two\n", offset=4, end=True)
        slave.output(job, 0, b"", stream="stderr", end=True)
        slave.finished((job, 0, 1, "ok"))
        seen, text = [], b""
        while "job-finished" not in seen:
            kind, members, payload = client.next()
            seen.append(kind)
            if kind == "output":
                text += payload
            if kind == "results":
                [result] = members["results"]
        assert text == b"one\ntwo\n"
        assert (result["server"], result["stdout_size"], result["verdict"]) == ("s", 8, "ok")
        assert seen.index("output") < seen.index("results") < seen.index("job-finished")
        shown = client.request("show-job", job=job)[1]
        assert shown["info"]["state"] == "finished" and shown["results"] == [result]
        part = client.request("read-output", job=job, task=0, stream="stdout", offset=4,
                              length=100)
        assert part[2] == b"two\n" and part[1]["end"]


def test_limits_are_filled_in(master):
    with Slave(master.socket) as slave, Wire(master.socket) as client:
        client.submit(commands(limits={"cpu_ms": 5}), [{"command": "x"}])
        _, members, _ = slave.expect("dispatch")
        [job] = members["jobs"]
        assert job["spec"]["limits"]["cpu_ms"] == 5
        assert job["spec"]["limits"]["wall_ms"] == 30000
        assert job["spec"]["limits"]["memory_kib"] == 512 * 1024
        assert job["spec"]["compile_limits"]["wall_ms"] == 60000


def test_why_a_task_waits(master):
    with Wire(master.socket) as client:
        spec, blob = program("a.cob", "cobol", "x")
        job = client.submit(spec, [{}], [blob])
        client.request("follow", job=job)
        kind, members, _ = client.next()
        assert (kind, members["waiting"]) == ("status", "no-server")
        with Slave(master.socket, "t"):
            kind, members, _ = client.next()
            assert (kind, members["waiting"]) == ("status", "no-toolchain")
        client.request("cancel", job=job)


def test_500_jobs_at_once(master):
    with Slave(master.socket, slots=50) as slave, Wire(master.socket) as client:
        jobs = [client.submit(commands(f"job {n}"), [{"command": str(n)}]) for n in range(500)]
        assert len(set(jobs)) == 500
        for job in jobs:
            client.request("follow", job=job)
        done = 0
        while done < 500:
            batch = slave.tasks()
            for job, task, attempt, spec in batch:
                slave.output(job, task, spec["command"].encode(), end=True)
                slave.finished((job, task, attempt, "ok"))
            done += len(batch)
        outputs, ended = {}, set()
        while len(ended) < 500:
            kind, members, payload = client.next()
            if kind == "output":
                outputs[members["job"]] = payload
            elif kind == "job-finished":
                ended.add(members["info"]["job"])
        assert [outputs[job] for job in jobs] == [str(n).encode() for n in range(500)]


def test_a_job_of_many_tasks(master):
    with Slave(master.socket, slots=100) as slave, Wire(master.socket) as client:
        job = client.submit(commands(), [{"command": f"c{n}"} for n in range(10000)])
        done = 0
        client.request("follow", job=job, output=True)
        while done < 10000:
            batch = slave.tasks()
            for number, task, attempt, spec in batch:
                slave.output(number, task, spec["command"].encode(), end=True)
            slave.finished(*((number, task, attempt, "ok") for number, task, attempt, _ in batch))
            done += len(batch)
        results, streams = {}, {}
        while True:
            kind, members, payload = client.next()
            if kind == "results":
                results |= {result["task"]: result for result in members["results"]}
            elif kind == "output":
                assert members["task"] not in results
                streams[members["task"]] = payload
            elif kind == "job-finished":
                break
        assert len(results) == 10000
        assert all(streams[n] == f"c{n}".encode() for n in range(10000))
        assert len(os.listdir(master.top / "state" / "spool")) <= 600


# Who breaks the rules.

@pytest.mark.parametrize("header", [
    b"", b"{", b"[]", b"{}", b"{'type':'ping'}", b'{"type":"ping"} x', b'{"type":7}',
    b'{"type":"\\u0000"}', b'{"type":"follow"}', b'{"type":"follow","serial":1,"job":"x"}',
    b'{"type":"follow","serial":1,"job":18446744073709551615}', b'{"type":"no-such-thing"}',
    b'{"type":"ping","x":' + b"[" * 10000 + b"]" * 10000 + b"}",
    b'{"type":"submit-begin","serial":1,"submission":"x"}', b"\xff\xfe", b'{"type":"hello"}',
])
def test_malformed_messages(master, header):
    assert raw(master, header) != ""


@pytest.mark.parametrize("kind,members", [
    ("offer", {"slots": 1, "cores": 1, "isolation": "rlimit"}),
    ("started", {"number": 1, "tasks": []}), ("finished", {"number": 1, "results": []}),
    ("hello", {"protocol": 1, "oldest": 1, "role": "client", "name": "again"}),
    ("welcome", {"protocol": 1, "cluster": "x", "epoch": 1, "session": 1}),
    ("dispatch", {"epoch": 1, "jobs": []}), ("get", {"blobs": []}), ("leaving", {}),
])
def test_messages_of_another_role(master, kind, members):
    with Wire(master.socket) as wire:
        wire.send(kind, **members)
        with pytest.raises(WireError):
            while True:
                wire.receive()


def test_slave_that_speaks_before_its_offer(master):
    with Slave(master.socket, "early", offer=False) as slave:
        slave.send("get", blobs=[])
        with pytest.raises(WireError):
            while True:
                slave.receive()


def test_slave_that_skips_a_number(master):
    with Slave(master.socket, "skips") as slave:
        slave.number = 5
        slave.say("finished", results=[])
        with pytest.raises(WireError):
            while True:
                slave.receive()


def test_slave_that_lies(master):
    with Slave(master.socket, "liar") as slave, Wire(master.socket) as client:
        job = client.submit(commands(), [{"command": "a"}, {"command": "b"}])
        slave.tasks(2)
        slave.finished((job, 7, 1, "ok"), (job + 99, 0, 1, "ok"), (job, 0, 2, "ok"))
        slave.output(job, 0, b"x", attempt=2)
        slave.output(job, 0, b"true", end=True)
        slave.finished((job, 0, 1, "ok"), (job, 1, 1, "lost"))
        slave.finished((job, 0, 1, FAILED))
        results, streams = client.follow(job, output=True)
        assert results[0]["verdict"] == "ok" and results[1]["verdict"] == "internal-error"
        assert streams[0, "stdout"] == b"true"


def test_slave_that_leaves_output_out(master):
    with Slave(master.socket, "gap") as slave, Wire(master.socket) as client:
        job = client.submit(commands(), [{"command": "a"}])
        slave.tasks()
        slave.output(job, 0, b"x", offset=5)
        with pytest.raises(WireError):
            while True:
                slave.receive()
        results, _ = client.follow(job)
        assert results[0]["verdict"] == "lost"


def test_output_past_the_bound(master):
    with Slave(master.socket, "loud") as slave, Wire(master.socket) as client:
        job = client.submit(commands(), [{"command": "a"}])
        slave.tasks()
        for n in range(80):
            slave.output(job, 0, b"x" * 65536, offset=n * 65536)
        slave.finished((job, 0, 1, "ok"))
        results, streams = client.follow(job, output=True)
        assert len(streams[0, "stdout"]) == results[0]["stdout_size"] == 4 << 20
        assert results[0]["reason"]


def test_two_servers_of_one_name(master):
    with Slave(master.socket, "twin"), Slave(master.socket, "twin") as second:
        with pytest.raises(WireError, match="twin"):
            while True:
                second.receive()


def test_what_a_returning_slave_holds_is_stopped(master):
    held = [{"job": 1, "task": 0, "attempt": 1}]
    with Slave(master.socket, "returns", held=held) as slave:
        assert slave.expect("stop")[1]["attempts"] == held


@pytest.mark.parametrize("name", ["", "a\x01b"])
def test_server_names(master, name):
    with pytest.raises(WireError, match="refused"):
        Slave(master.socket, name)


def test_another_version(master):
    wire = Wire.__new__(Wire)
    import collections
    import socket
    wire.socket, wire.buffer, wire.serial = socket.socket(socket.AF_UNIX), bytearray(), 0
    wire.waiting = collections.deque()
    wire.socket.connect(str(master.socket))
    wire.send("hello", protocol=99, oldest=98, role="client", name="future")
    kind, members, _ = wire.receive()
    assert (kind, members["code"]) == ("refused", "version")
    wire.close()


# Submissions.

def test_same_submission_again(master):
    number = os.urandom(16).hex()
    with Wire(master.socket) as one, Wire(master.socket) as two:
        job = one.submit(commands(), [{"command": "a"}], number=number)
        assert one.submit(commands(), [{"command": "a"}], number=number) == job
        assert two.submit(commands(), [{"command": "a"}], number=number) == job
        # All at once, without waiting for the first answer.
        two.send("submit-begin", serial=50, submission=number, spec=commands())
        two.send("submit-part", submission=number, first=0, tasks=[{"command": "a"}])
        assert two.request("submit-commit", submission=number, tasks=1)[1]["job"] == job


def test_file_that_is_not_what_was_announced(master):
    with Wire(master.socket) as client:
        spec, blob = program("a.c", "c", "int main;")
        number = os.urandom(16).hex()
        client.request("submit-begin", submission=number, spec=spec)
        client.send("put", payload=b"x" * len(blob), blob=spec["files"][0]["blob"], offset=0,
                    total=len(blob))
        client.send("submit-part", submission=number, first=0, tasks=[{}])
        with pytest.raises(WireError):
            client.request("submit-commit", submission=number, tasks=1)
        # The connection goes on, and the right file is taken afterwards.
        assert client.submit(spec, [{}], [blob]) > 0


@pytest.mark.parametrize("offset,total", [(3, 9), (0, 5), (0, 1 << 20)])
def test_puts_out_of_order(master, offset, total):
    with Wire(master.socket) as client:
        spec, blob = program("p.c", "c", f"put {offset} {total}")
        number = os.urandom(16).hex()
        client.request("submit-begin", submission=number, spec=spec)
        client.send("put", payload=blob, blob=spec["files"][0]["blob"], offset=offset,
                    total=total)
        client.send("submit-part", submission=number, first=0, tasks=[{}])
        with pytest.raises(WireError):
            client.request("submit-commit", submission=number, tasks=1)


def test_commit_of_less_than_was_sent(master):
    with Wire(master.socket) as client:
        number = os.urandom(16).hex()
        client.request("submit-begin", submission=number, spec=commands())
        client.send("submit-part", submission=number, first=0, tasks=[{"command": "a"}])
        client.send("submit-part", submission=number, first=2, tasks=[{"command": "b"}])
        with pytest.raises(WireError):
            client.request("submit-commit", submission=number, tasks=3)
        with pytest.raises(WireError):
            client.request("submit-commit", submission=number, tasks=3)


@pytest.mark.parametrize("spec", [
    {"kind": "program", "name": "x", "language": "c"},
    {"kind": "program", "name": "x", "language": "", "main": "a",
     "files": [{"name": "a", "blob": "0" * 64, "size": 1}]},
    {"kind": "program", "name": "x", "language": "c", "main": "../a",
     "files": [{"name": "../a", "blob": "0" * 64, "size": 1}]},
    {"kind": "commands", "name": "x", "limits": {"memory_kib": 16 * 1024 * 1024 + 1}},
    {"kind": "commands", "name": "x", "flags": ["x" * 4000] * 100},
])
def test_jobs_that_cannot_be(master, spec):
    """A bound of the tables ends the connection; a rule behind them fails the request."""
    with Wire(master.socket) as client, pytest.raises(WireError):
        client.submit(spec, [{"command": "a"}])


def test_too_many_open_submissions(master):
    with Wire(master.socket) as client:
        for n in range(64):
            client.request("submit-begin", submission=f"{n:032x}", spec=commands())
        with pytest.raises(WireError):
            client.request("submit-begin", submission=f"{64:032x}", spec=commands())


# Clients that come and go.

def test_cancel_before_start(master):
    with Wire(master.socket) as client:
        job = client.submit(commands(), [{"command": "a"}] * 3)
        client.request("cancel", job=job)
        client.request("cancel", job=job)
        results, _ = client.follow(job)
        assert [results[n]["verdict"] for n in range(3)] == ["cancelled"] * 3
        with Slave(master.socket, "late") as slave:
            other = client.submit(commands(), [{"command": "b"}])
            assert slave.tasks()[0][0] == other


def test_cancel_while_running(master):
    with Slave(master.socket) as slave, Wire(master.socket) as client:
        job = client.submit(commands(), [{"command": "a"}])
        slave.tasks()
        client.request("cancel", job=job)
        assert slave.expect("stop")[1]["attempts"] == [{"job": job, "task": 0, "attempt": 1}]
        slave.finished((job, 0, 1, "cancelled"))
        assert client.follow(job)[0][0]["verdict"] == "cancelled"


def test_client_that_vanishes(master):
    before = master.descriptors()
    with Slave(master.socket) as slave:
        client = Wire(master.socket)
        job = client.submit(commands(), [{"command": "a"}])
        client.request("follow", job=job)
        number = os.urandom(16).hex()
        spec, blob = program("half.c", "c", "half of it")
        client.request("submit-begin", submission=number, spec=spec)
        client.send("put", payload=blob[:4], blob=spec["files"][0]["blob"], offset=0,
                    total=len(blob))
        slave.tasks()
        client.close()
        slave.output(job, 0, b"to nobody", end=True)
        slave.finished((job, 0, 1, "ok"))
        with Wire(master.socket) as other:
            results, streams = other.follow(job, output=True)
        assert (results[0]["verdict"], streams[0, "stdout"]) == ("ok", b"to nobody")
    wait_until(lambda: master.descriptors() <= before + 1, what="the descriptors to be closed")


def test_follower_that_never_reads(master):
    """It costs the master little, and hurts neither the slave nor another follower."""
    size = 4 << 20
    with Slave(master.socket, slots=8) as slave, Wire(master.socket) as idle, \
            Wire(master.socket) as client:
        job = client.submit(commands(), [{"command": "a"}] * 8)
        idle.send("follow", serial=1, job=job, output=True)
        memory = master.memory_kib()
        for number, task, attempt, _ in slave.tasks(8):
            for offset in range(0, size, 1 << 18):
                slave.output(number, task, b"y" * (1 << 18), offset=offset)
            slave.finished((number, task, attempt, "ok"))
        results, streams = client.follow(job, output=True)
        assert all(len(streams[n, "stdout"]) == size for n in range(8))
        # Sanitizers keep what was freed for a while, a quarter of a GiB of it.
        allowed = 24 * 1024 if PATIENCE == 1 else 320 * 1024
        assert master.memory_kib() - memory < allowed


def test_live_input(master):
    with Slave(master.socket) as slave, Wire(master.socket) as client:
        for peer in slave, client:
            peer.set_patience(15)
        job = client.submit(commands(), [{"command": "cat", "input": "live"}])
        client.send("input", payload=b"hello ", job=job, task=0, offset=0)
        slave.tasks()
        _, members, payload = slave.expect("input")
        assert (payload, members["offset"]) == (b"hello ", 0)
        slave.send("input-ack", job=job, task=0, offset=6)
        kind, members, _ = client.next()
        assert (kind, members["offset"]) == ("input-ack", 6)
        client.send("input", payload=b"world", job=job, task=0, offset=6)
        assert slave.expect("input")[2] == b"world"
        client.close()
        _, members, payload = slave.expect("input")
        assert (members["end"], payload) == (True, b"")


def test_lost_slave(master):
    with Wire(master.socket) as client:
        slave = Slave(master.socket, "mortal")
        job = client.submit(commands(attempts=2), [{"command": "a"}])
        other = client.submit(commands(), [{"command": "a"}])
        slave.tasks(2)
        slave.close()
        assert "mortal" in client.follow(other)[0][0]["reason"]
        with Slave(master.socket, "next") as second:
            assert second.tasks()[0][:3] == (job, 0, 2)
            second.finished((job, 0, 2, "ok"))
            assert client.follow(job)[0][0]["attempt"] == 2


def test_subscribing(master):
    with Wire(master.socket) as client, Wire(master.socket) as watcher:
        watcher.request("subscribe", servers=True, jobs=True)
        assert watcher.next()[0] == "feed"
        with Slave(master.socket, "watched", slots=3):
            feed = next(m for k, m, _ in iter(watcher.next, None) if m.get("servers"))
            assert feed["servers"][-1]["name"] == "watched" and feed["slots"] == 3
            job = client.submit(commands(), [{"command": "a"}])
            feed = next(m for k, m, _ in iter(watcher.next, None) if m.get("jobs"))
            assert [row["job"] for row in feed["jobs"]] == [job]
        feed = next(m for k, m, _ in iter(watcher.next, None)
                    if any(row["state"] == "lost" for row in m.get("servers", [])))
        assert feed


def test_deleting(master):
    with Slave(master.socket) as slave, Wire(master.socket) as client:
        job = client.submit(commands(), [{"command": "a"}])
        with pytest.raises(WireError):
            client.request("delete", job=job)
        slave.tasks()
        slave.output(job, 0, b"secret", end=True)
        slave.finished((job, 0, 1, "ok"))
        client.follow(job)
        client.request("delete", job=job)
        shown = client.request("show-job", job=job)[1]
        assert shown["info"]["deleted"] and "spec" not in shown
        with pytest.raises(WireError):
            client.request("read-output", job=job, task=0, stream="stdout", offset=0, length=9)
        assert not (master.top / "state" / "spool" / str(job)).exists()


# Beginning and end.

def test_end_in_good_order(fresh):
    with Wire(fresh.socket) as client, Slave(fresh.socket) as slave:
        assert fresh.stop() == 0
        with pytest.raises(WireError, match="shutting down"):
            while True:
                client.receive()
        with pytest.raises(WireError):
            while True:
                slave.receive()
    assert not fresh.socket.exists()
    epoch = client.welcome["epoch"]
    fresh.start()
    with Wire(fresh.socket) as client:
        assert client.welcome["epoch"] == epoch + 1


def test_after_a_kill(fresh):
    fresh.stop(signal.SIGKILL)
    fresh.start()
    with Wire(fresh.socket) as client:
        assert client.welcome["epoch"] == 2


@pytest.mark.parametrize("options,word", [
    (["--policy", "random"], "least-loaded"), (["--listen", "host:7117"], "host:7117"),
    (["--config", "/no/such/file"], "/no/such/file"), (["--state", "here"], "absolute"),
    (["--nonsense"], "nonsense"), (["word"], "word"), (["--user", "no-such-user"], "user"),
    (["--listen", "ruche://host:7117/?fp=" + "0" * 64 + "&token=" + "0" * 64], ""),
])
def test_bad_command_lines(options, word, tmp_path):
    base = ["--listen", str(tmp_path / "run" / "m.sock"), "--state", str(tmp_path / "state")]
    done = run_master(*base, *options)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1 and word in done.stderr, done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("text,word", [
    ("[master]\nmax-cpu-ms=0\n", "max-cpu-ms"), ("[master]\nspeed=9\n", "speed"),
    ("[slave]\n", "slave"), ("nonsense", ""), ("[master]\npolicy=fast\n", "policy"),
])
def test_bad_configurations(text, word, tmp_path):
    path = tmp_path / "master.conf"
    path.write_text(text)
    done = run_master("--config", str(path))
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1 and word in done.stderr and "conf" in done.stderr


def test_configured_maximum(tmp_path):
    path = tmp_path / "master.conf"
    path.write_text("[master]\nmax-cpu-ms=2000\ncluster=small\n")
    made = Master("--config", str(path)).start()
    try:
        with Slave(made.socket) as slave, Wire(made.socket) as client:
            assert client.welcome["cluster"] == "small"
            with pytest.raises(WireError, match="cpu_ms"):
                client.submit(commands(limits={"cpu_ms": 2001}), [{"command": "a"}])
            client.submit(commands(), [{"command": "a"}])
            [job] = slave.expect("dispatch")[1]["jobs"]
            assert job["spec"]["limits"]["cpu_ms"] == 2000
    finally:
        made.end()


def test_socket_and_state_in_use(fresh):
    done = run_master("--listen", str(fresh.socket), "--state", str(fresh.top / "other"))
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1
    assert str(fresh.socket) in done.stderr
    done = run_master("--listen", str(fresh.top / "run2" / "m.sock"), "--state",
                      str(fresh.top / "state"))
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1
    assert str(fresh.top / "state") in done.stderr
    with Wire(fresh.socket) as client:
        assert client.welcome["epoch"] == 1
