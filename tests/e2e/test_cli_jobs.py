# test_cli_jobs.py: the other commands of ruchectl
# SPDX-License-Identifier: GPL-3.0-or-later

import json

from cluster import wait_until

ENDLESS = "import time\nprint('here', flush=True)\nwhile True:\n    time.sleep(0.1)\n"


def test_submit_wait_output(cluster):
    path = cluster.program("later.py", "import sys\nprint('out')\nprint('err', file=sys.stderr)\n"
                                       "raise SystemExit(3)\n")
    text = cluster.check("submit", path)
    assert text.strip().isdigit() and text.endswith("\n")
    job = int(text)
    done = cluster.ctl("wait", job)
    assert (done.returncode, done.stdout) == (3, b"")
    assert cluster.check("output", job) == "out\n"
    assert cluster.check("output", job, "--stderr") == "err\n"
    assert cluster.check("output", job, "--compiler") == ""
    result = cluster.json("wait", job)
    assert (result["verdict"], result["exit_code"], result["stdout"]) == ("runtime-error", 3,
                                                                         "out\n")


def test_submit_json(cluster):
    result = cluster.json("submit", cluster.program("a.py", "print(1)\n"))
    assert list(result) == ["job"]
    assert cluster.ctl("wait", result["job"]).returncode == 0


def test_submit_with_input(cluster):
    path = cluster.program("cat.py", "import sys\nsys.stdout.write(sys.stdin.read())\n")
    job = int(cluster.check("submit", path, "--input", "-", input=b"piped"))
    cluster.ctl("wait", job)
    assert cluster.check("output", job) == "piped"


def test_output_of_the_compiler(cluster):
    job = int(cluster.check("submit", cluster.program("w.c", "int main (void) { return x; }\n")))
    assert cluster.ctl("wait", job).returncode == 126
    assert cluster.check("output", job) == ""
    assert "x" in cluster.check("output", job, "--compiler")


def test_output_while_it_runs(cluster):
    job = int(cluster.check("submit", cluster.program("e.py", ENDLESS), "--wall", "60"))
    wait_until(lambda: cluster.ctl("output", job).stdout == b"here\n", what="its output")
    shown = cluster.json("show", job)
    assert shown["state"] == "running" and shown["verdict"] is None
    assert shown["tasks"][0]["verdict"] is None and shown["tasks"][0]["stdout"] == "here\n"
    assert "running" in cluster.check("show", job)
    cluster.check("cancel", job)
    assert cluster.ctl("wait", job).returncode == 130


def test_show(cluster):
    path = cluster.program("déjà.c", "int main (void) { return 5; }\n")
    job = int(cluster.check("submit", path))
    cluster.ctl("wait", job)
    text = cluster.check("show", job)
    assert f"Job {job}: déjà.c" in text and "exit status 5" in text
    shown = cluster.json("show", job)
    assert (shown["job"], shown["name"], shown["state"]) == (job, "déjà.c", "finished")
    assert (shown["verdict"], shown["language"]) == ("runtime-error", "c")
    assert len(shown["tasks"]) == 1 and shown["tasks"][0]["exit_code"] == 5


def test_jobs(cluster):
    jobs = [int(cluster.check("submit", cluster.program(f"list{n}.py", "pass\n")))
            for n in range(3)]
    for job in jobs:
        cluster.ctl("wait", job)
    rows = cluster.json("jobs")
    assert [row["job"] for row in rows[:3]] == jobs[::-1]
    assert rows[0]["name"] == "list2.py" and rows[0]["verdict"] == "ok"
    assert len(cluster.json("jobs", "--limit", "2")) == 2
    lines = cluster.check("jobs").splitlines()
    assert lines[0].startswith("JOB") and lines[1].split()[0] == str(jobs[2])


def test_jobs_line_up(cluster):
    for name in ("é.py", "plain.py"):
        cluster.ctl("wait", int(cluster.check("submit", cluster.program(name, "pass\n"))))
    head, *rows = cluster.check("jobs", "-n", "2").splitlines()
    column = head.index("LANGUAGE")
    assert [row[column:].split()[0] for row in rows] == ["python", "python"]


def test_delete(cluster):
    job = int(cluster.check("submit", cluster.program("gone.py", "print('secret')\n")))
    cluster.ctl("wait", job)
    cluster.check("delete", job)
    shown = cluster.json("show", job)
    assert shown["deleted"] is True
    assert "secret" not in json.dumps(shown)
    assert b"secret" not in cluster.ctl("output", job).stdout


def test_servers(cluster):
    servers = cluster.servers()
    assert len(servers) == cluster.slaves
    for server in servers:
        assert server["state"] == "ready" and server["slots"] >= 1
        assert {"c", "cpp", "python", "java"} <= {t["language"] for t in server["toolchains"]}
    text = cluster.check("servers")
    assert all(server["name"] in text for server in servers)


def test_help(cluster):
    text = cluster.check("help")
    for command in ("up", "down", "run", "submit", "jobs", "show", "output", "wait", "cancel",
                    "delete", "servers"):
        assert f"\n  {command} " in text
        assert f"ruchectl {command}" in cluster.check(command, "--help")
        assert cluster.check("help", command) == cluster.check(command, "--help")
    assert cluster.check("--help") == text
    assert cluster.check("--version").startswith("ruchectl ")


def test_master_before_the_command(cluster):
    assert json.loads(cluster.check("--master", cluster.socket, "servers", "--json"))
    assert json.loads(cluster.check(f"--master={cluster.socket}", "servers", "--json"))
    environment = {**cluster.environment, "RUCHE_MASTER": str(cluster.socket),
                   "RUCHE_RUNTIME_DIR": "/nonexistent"}
    assert cluster.ctl("servers", env=environment).returncode == 0
