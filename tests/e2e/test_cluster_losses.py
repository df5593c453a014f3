# test_cluster_losses.py: what happens when parts of a cluster are killed
# SPDX-License-Identifier: GPL-3.0-or-later

import json
import os
import signal
import time

from cluster import PATIENCE, wait_until

ENDLESS = "import time\nprint('here', flush=True)\nwhile True:\n    time.sleep(0.1)\n"


def start(cluster, name, *options):
    """A client that follows an endless program which has printed its line already."""
    client = cluster.popen("run", cluster.program(name, ENDLESS), "--wall", "300", "--json",
                           *options)
    job = wait_until(lambda: [row["job"] for row in cluster.json("jobs") if row["name"] == name],
                     what=f"{name} to be listed")[0]
    wait_until(lambda: cluster.ctl("output", job).stdout == b"here\n", 30, f"{name} to run")
    return client, job


def server_of(cluster, job):
    return cluster.job_info(job)["tasks"][0]["server"]


def expect_lost(client):
    out, err = client.communicate(timeout=60 * PATIENCE)
    result = json.loads(out)
    assert result["verdict"] == "lost", (result, err)
    assert result["reason"]
    assert result["stdout"] == "here\n"
    assert client.returncode == 125
    return result


def test_slave_killed(fresh_cluster):
    """The client hears `lost` with a reason within 12 s; the other servers go on."""
    cluster = fresh_cluster
    victim, job = start(cluster, "victim.py")
    other, other_job = start(cluster, "other.py")
    name = server_of(cluster, job)
    assert server_of(cluster, other_job) != name
    cluster.kill(cluster.slave(name))
    began = time.monotonic()
    result = expect_lost(victim)
    assert time.monotonic() - began < 12
    assert name in result["reason"] or result["server"] == name
    assert other.poll() is None
    assert cluster.run(cluster.program("after.py", "print('after')\n"))["stdout"] == "after\n"
    cluster.check("cancel", other_job)
    assert other.wait(30) == 130


def test_slave_frozen(fresh_cluster):
    """A slave that stops answering is lost as well, and its late result is discarded."""
    cluster = fresh_cluster
    victim, job = start(cluster, "frozen.py")
    name = server_of(cluster, job)
    slave = cluster.slave(name)
    os.kill(slave.pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        expect_lost(victim)
        assert time.monotonic() - began < 12
    finally:
        os.kill(slave.pid, signal.SIGCONT)
    wait_until(lambda: {server["name"]: server["state"]
                        for server in cluster.servers()}.get(name) == "ready", 30,
               "the slave to come back")
    assert cluster.job_info(job)["tasks"][0]["verdict"] == "lost"
    cluster.wait_idle(30)
    cluster.wait_boxes_gone()


def test_lost_task_is_tried_again_where_asked(fresh_cluster):
    """With more than one attempt the task moves to another server, and the client sees one run."""
    cluster = fresh_cluster
    path = cluster.program("again.py", "import time\nprint('begun', flush=True)\ntime.sleep(4)\n"
                                       "print('ended')\n")
    client = cluster.popen("run", path, "--attempts", "2", "--json")
    job = wait_until(lambda: [row["job"] for row in cluster.json("jobs")], what="the job")[0]
    wait_until(lambda: cluster.ctl("output", job).stdout == b"begun\n", 30, "it to run")
    name = server_of(cluster, job)
    cluster.kill(cluster.slave(name))
    result = json.loads(client.communicate(timeout=60 * PATIENCE)[0])
    assert result["verdict"] == "ok"
    assert result["attempt"] == 2
    assert result["server"] != name
    assert result["stdout"] == "begun\nended\n"


def test_up_restores_what_is_missing(fresh_cluster):
    cluster = fresh_cluster
    before = {server["name"] for server in cluster.servers() if server["state"] == "ready"}
    victim = sorted(before)[0]
    cluster.kill(cluster.slave(victim))
    wait_until(lambda: victim not in {server["name"] for server in cluster.servers()
                                      if server["state"] == "ready"}, what="the loss to be seen")
    cluster.up()
    assert {server["name"] for server in cluster.servers() if server["state"] == "ready"} == before
    master = cluster.master()
    cluster.up()
    assert cluster.master().pid == master.pid


def test_master_killed(fresh_cluster):
    """Clients get a clear error; nothing is left running; `up` brings the cluster back."""
    cluster = fresh_cluster
    client, _ = start(cluster, "headless.py")
    cluster.kill(cluster.master())
    out, err = client.communicate(timeout=60 * PATIENCE)
    assert client.returncode == 125
    assert b"master" in (out + err).lower()
    done = cluster.ctl("jobs")
    assert done.returncode != 0
    assert b"ruchectl up" in done.stderr
    assert b"Traceback" not in done.stderr and b"CRITICAL" not in done.stderr
    cluster.up()
    assert cluster.run(cluster.program("back.py", "print('back')\n"))["stdout"] == "back\n"


def test_master_ends_in_good_order(fresh_cluster):
    """Stopped by SIGTERM the master tells its clients, ends with 0 and leaves no socket."""
    cluster = fresh_cluster
    client, _ = start(cluster, "goodbye.py")
    master = cluster.master()
    cluster.kill(master, signal.SIGTERM)
    _, err = client.communicate(timeout=60 * PATIENCE)
    assert client.returncode == 125
    assert err.strip()
    wait_until(lambda: not master.is_alive(), what="the master to end")
    assert not cluster.socket.exists()
    cluster.up()


def test_slave_ends_in_good_order(fresh_cluster):
    """Stopped by SIGTERM a slave gives back what it held, at once, and kills its boxes."""
    cluster = fresh_cluster
    client, job = start(cluster, "leaving.py")
    slave = cluster.slave(server_of(cluster, job))
    cluster.note_processes()
    children = [process for process in cluster.seen.values()
                if process.is_alive() and process.parent == slave.pid]
    assert children
    cluster.kill(slave, signal.SIGTERM)
    expect_lost(client)
    wait_until(lambda: not slave.is_alive(), what="the slave to end")
    wait_until(lambda: not any(child.is_alive() for child in children), what="its boxes to end")
