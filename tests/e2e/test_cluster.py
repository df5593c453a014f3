# test_cluster.py: many clients, many programs, one cluster
# SPDX-License-Identifier: GPL-3.0-or-later

import json
import os
import signal
import threading

from cluster import Process, wait_until
from wire import Wire, commands, program

# What 12 people write at the same moment; each prints its own number in its own way.
LANGUAGES = {
    "c": '#include <stdio.h>\nint main (void) {{ for (int i = 0; i < 200; i++) '
         'printf ("c {n} line %d\\n", i); return {n}; }}\n',
    "cpp": '#include <iostream>\nint main () {{ for (int i = 0; i < 200; i++) '
           'std::cout << "cpp {n} line " << i << std::endl; return {n}; }}\n',
    "py": 'import sys\nfor i in range(200):\n    print("py {n} line", i, flush=True)\n'
          'sys.exit({n})\n',
    "java": 'public class Main {{ public static void main (String[] a) {{ for (int i = 0; i < 200; '
            'i++) System.out.println ("java {n} line " + i); System.exit ({n}); }} }}\n',
}
ENDLESS = "import time\nprint('here', flush=True)\nwhile True:\n    time.sleep(0.1)\n"


def submit_endless(cluster, name, *options):
    """Starts a program without end and returns its job's number once it has printed."""
    path = cluster.program(name, ENDLESS)
    job = int(cluster.check("submit", path, "--wall", "300", *options))
    wait_until(lambda: cluster.ctl("output", job).stdout.startswith(b"here"), 30, f"{name} to run")
    return job


def only_task(cluster, job):
    return cluster.job_info(job)["tasks"][0]


def test_twelve_clients_at_once(cluster):
    """None receives another's output, exit status or server."""
    clients = []
    for n in range(12):
        suffix = list(LANGUAGES)[n % 4]
        name = f"client-{n}/{'Main' if suffix == 'java' else 'prog'}.{suffix}"
        path = cluster.program(name, LANGUAGES[suffix].format(n=n))
        clients.append((n, suffix, cluster.popen("run", path, "--json")))
    for n, suffix, client in clients:
        out, err = client.communicate(timeout=240)
        result = json.loads(out)
        assert result["stdout"].splitlines() == [f"{suffix} {n} line {i}" for i in range(200)], err
        assert result["stderr"] == ""
        assert result["exit_code"] == n
        assert result["verdict"] == ("ok" if n == 0 else "runtime-error")
        assert client.returncode == n
    cluster.wait_idle()


def test_work_is_shared_out(cluster):
    """Programs that overlap run on several servers."""
    path = cluster.program("nap.py", "import time\ntime.sleep(1.5)\n")
    clients = [cluster.popen("run", path, "--json") for _ in range(3)]
    servers = {json.loads(client.communicate(timeout=120)[0])["server"] for client in clients}
    assert len(servers) == 3


def test_program_that_never_ends(cluster):
    path = cluster.program("never.py", ENDLESS)
    done = cluster.ctl("run", path, "--wall", "2", "--json")
    result = json.loads(done.stdout)
    assert result["verdict"] == "wall-limit"
    assert result["step"] == "run"
    assert result["stdout"] == "here\n"
    assert 1900 <= result["wall_ms"]
    assert done.returncode == 124


def test_program_that_never_stops_computing(cluster):
    path = cluster.program("spin.c", "int main (void) { for (;;) ; }\n")
    result = cluster.run(path, "--cpu", "1")
    assert result["verdict"] == "time-limit"
    assert 900 <= result["cpu_ms"]


def test_500_submissions_at_once(cluster):
    """500 jobs, from 20 clients that submit at the same time; each gets its own results."""
    results, errors = {}, []

    def person(n):
        try:
            with Wire(cluster.socket, f"person {n}") as wire:
                jobs = [(k, wire.submit(commands(f"job {n}-{k}"),
                                        [{"command": f"echo {n}-{k}; exit {k}"}]))
                        for k in range(25)]
                for k, job in jobs:
                    found, streams = wire.follow(job, output=True)
                    results[n, k] = (job, found[0], streams[0, "stdout"])
        except Exception as error:  # a thread's error must reach the test
            errors.append(error)

    people = [threading.Thread(target=person, args=(n,)) for n in range(20)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert errors == []
    assert len(results) == 500
    assert len({job for job, _, _ in results.values()}) == 500
    for (n, k), (job, result, output) in results.items():
        assert result["job"] == job
        assert output == f"{n}-{k}\n".encode()
        assert result.get("exit_code", 0) == k
        assert result["verdict"] == ("ok" if k == 0 else "runtime-error")
    cluster.wait_idle()


def test_same_submission_twice_is_one_job(cluster):
    number = os.urandom(16).hex()
    with Wire(cluster.socket) as wire:
        first = wire.submit(commands(), [{"command": "echo once"}], number=number)
    with Wire(cluster.socket) as wire:
        assert wire.submit(commands(), [{"command": "echo once"}], number=number) == first


def test_client_killed_while_its_program_runs(cluster):
    """The program goes on, ends by its own limits, and its result is there for later."""
    path = cluster.program("orphan.py", "import time\nprint('begun', flush=True)\n"
                                        "time.sleep(3)\nprint('ended')\n")
    client = cluster.popen("run", path)
    assert client.stdout.readline() == b"begun\n"
    busy = [server["name"] for server in cluster.servers() if server["busy"]]
    assert len(busy) == 1
    client.kill()
    client.wait()
    job = max(row["job"] for row in cluster.json("jobs"))
    cluster.ctl("wait", job)
    task = only_task(cluster, job)
    assert task["verdict"] == "ok"
    assert task["server"] == busy[0]
    assert cluster.ctl("output", job).stdout == b"begun\nended\n"
    cluster.wait_idle()
    cluster.wait_boxes_gone()


def test_cancel_while_queued(cluster):
    """A task that waits behind full servers is cancelled at once, the second time as well."""
    server = cluster.servers()[0]
    blockers = [submit_endless(cluster, f"block-{n}.py", "--server", server["name"])
                for n in range(server["slots"])]
    job = int(cluster.check("submit", cluster.program("late.py", "print('never')\n"),
                            "--server", server["name"]))
    assert cluster.job_info(job)["state"] == "queued"
    cluster.check("cancel", job)
    cluster.check("cancel", job)
    task = only_task(cluster, job)
    assert task["verdict"] == "cancelled"
    assert cluster.ctl("output", job).stdout == b""
    for blocker in blockers:
        cluster.check("cancel", blocker)
    cluster.wait_idle()


def test_cancel_while_compiling(cluster):
    # Templates that keep the compiler busy for far longer than this test.
    path = cluster.program(
        "slow.cpp",
        "template<int N, int M> struct f { static constexpr long v = f<N - 1, M>::v + "
        "f<N - 1, M + (1 << N)>::v; };\n"
        "template<int M> struct f<0, M> { static constexpr long v = M; };\n"
        "int main () { return f<24, 0>::v != 0; }\n")
    job = int(cluster.check("submit", path))
    wait_until(lambda: any("cc1plus" in process.name for process in cluster.processes()), 30,
               "the compiler to run")
    cluster.check("cancel", job)
    cluster.ctl("wait", job)
    task = only_task(cluster, job)
    assert (task["verdict"], task["step"]) == ("cancelled", "compile")
    cluster.wait_idle()
    cluster.wait_boxes_gone()


def test_cancel_while_running(cluster):
    job = submit_endless(cluster, "running.py")
    cluster.check("cancel", job)
    done = cluster.ctl("wait", job)
    assert done.returncode == 130
    cluster.check("cancel", job)
    task = only_task(cluster, job)
    assert (task["verdict"], task["step"]) == ("cancelled", "run")
    assert cluster.ctl("output", job).stdout == b"here\n"
    cluster.wait_idle()
    cluster.wait_boxes_gone()


def test_cancel_after_the_end(cluster):
    job = int(cluster.check("submit", cluster.program("short.py", "print('done')\n")))
    cluster.ctl("wait", job)
    before = only_task(cluster, job)
    cluster.check("cancel", job)
    cluster.check("cancel", job)
    assert only_task(cluster, job) == before
    assert before["verdict"] == "ok"


def test_cancel_from_two_clients_at_once(cluster):
    job = submit_endless(cluster, "twice.py")
    clients = [cluster.popen("cancel", job) for _ in range(2)]
    assert [client.wait(60) for client in clients] == [0, 0]
    cluster.ctl("wait", job)
    assert only_task(cluster, job)["verdict"] == "cancelled"


def test_output_reaches_a_slow_reader_whole(cluster):
    """A follower that reads nothing for a while holds up neither the program nor the others."""
    text = "import sys\nfor i in range(40000):\n    print('line', i, 'x' * 60)\n"
    expected = "".join(f"line {i} {'x' * 60}\n" for i in range(40000)).encode()
    spec, blob = program("flood.py", "python", text)
    with Wire(cluster.socket, "slow") as slow:
        job = slow.submit(spec, [{}], [blob])
        slow.request("follow", job=job, output=True)
        cluster.ctl("wait", job)
        assert only_task(cluster, job)["verdict"] == "ok"
    with Wire(cluster.socket) as reader:
        _, streams = reader.follow(job, output=True)
    assert streams[0, "stdout"] == expected


def test_daemons_are_not_root(cluster):
    """Whoever started them, nothing of the cluster and none of its programs run as root."""
    job = submit_endless(cluster, "who.py")
    try:
        everyone = cluster.processes()
        assert {"ruche-master", "ruche-slave"} <= {process.name for process in everyone}
        assert any("python" in process.name for process in everyone)
        uids = {uid for process in everyone for uid in process.uids()}
        assert 0 not in uids
        if os.geteuid() != 0:
            assert uids == {os.geteuid()}
    finally:
        cluster.check("cancel", job)


def test_ctrl_c_is_no_orphan(cluster):
    """`run` stopped by Ctrl+C cancels its program and leaves no box."""
    client = cluster.popen("run", cluster.program("ctrlc.py", ENDLESS), "--wall", "300")
    assert client.stdout.readline() == b"here\n"
    client.send_signal(signal.SIGINT)
    assert client.wait(30) == 130
    cluster.wait_idle()
    cluster.wait_boxes_gone()
    assert Process(cluster.master().pid).is_alive()
