# test_slave_start.py: what ruche-slave says when it can't serve: one line, exit status 1
# SPDX-License-Identifier: GPL-3.0-or-later

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest
from cluster import BUILD, PATIENCE, TOP, wait_until

SLAVE = BUILD / "src-slave" / "ruche-slave"

# Nothing here needs root, and without root the slave drops nothing.
AS_NOBODY = (["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
             if os.geteuid() == 0 else [])

# In a user namespace of its own in which no other can be made; nothing outside of it changes.
WITHOUT_NAMESPACES = ["bwrap", "--unshare-user", "--disable-userns", "--dev-bind", "/", "/"]


@pytest.fixture
def folder():
    """A folder that everybody may use."""
    made = Path(tempfile.mkdtemp(prefix="ruche-slave-", dir="/tmp"))
    made.chmod(0o777)
    yield made
    subprocess.run(["chmod", "-R", "u+rwX", made], check=True)
    shutil.rmtree(made)


@pytest.fixture
def open_build(folder):
    """The slave and what it reads, in the same places, where a user other than root may look."""
    for name in ["src-slave/ruche-slave", "src-slave/runner/ruche-runner"]:
        place = folder / "build" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(BUILD / name, place)
    shutil.copytree(TOP / "data" / "toolchains", folder / "source" / "data" / "toolchains")
    for place in (folder / "build", folder / "source"):
        subprocess.run(["chmod", "-R", "a+rX", place], check=True)
    return folder / "build" / "src-slave" / "ruche-slave", {
        "RUCHE_BUILD_DIR": str(folder / "build"), "RUCHE_SOURCE_DIR": str(folder / "source")}


def environment(**more):
    return os.environ | {"RUCHE_BUILD_DIR": str(BUILD), "RUCHE_SOURCE_DIR": str(TOP),
                         "LC_ALL": "C.UTF-8", **more}


def run_slave(folder, *options, before=(), program=SLAVE, **more):
    return subprocess.run(
        [*before, str(program), "--master", str(folder / "m.sock"), "--name", "alone", "--state",
         str(folder / "state"), *map(str, options)],
        capture_output=True, text=True, timeout=60 * PATIENCE, stdin=subprocess.DEVNULL,
        cwd=folder, env=environment(**more))


def refused(done, *words):
    """One sentence that has all these words in it, and nothing else."""
    assert done.returncode == 1, done
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.startswith("ruche-slave: ")
    for word in words:
        assert word in done.stderr, done.stderr


def test_no_bubblewrap(folder):
    refused(run_slave(folder, PATH=str(folder)), "bubblewrap", "apt install")


def test_bubblewrap_that_does_not_work(folder):
    false = folder / "bwrap"
    false.write_text("#!/bin/sh\necho 'bwrap: it is\nbroken' >&2\nexit 1\n")
    false.chmod(0o755)
    refused(run_slave(folder, PATH=f"{folder}:{os.environ['PATH']}"), "it is broken")


def test_bubblewrap_that_cannot_be_started(folder):
    false = folder / "bwrap"
    false.write_text("#!/no/such/interpreter\n")
    false.chmod(0o755)
    refused(run_slave(folder, PATH=f"{folder}:{os.environ['PATH']}"), "bubblewrap")


def test_no_user_namespaces(folder, open_build):
    program, paths = open_build
    done = run_slave(folder, before=[*AS_NOBODY, *WITHOUT_NAMESPACES], program=program, **paths)
    refused(done, "amespace", "boxes")


def test_namespaces_are_what_was_missing(folder, open_build):
    """The same, but for that one thing, looks for its master and ends in good order."""
    program, paths = open_build
    log = folder / "log"
    with open(log, "wb") as out:
        slave = subprocess.Popen(
            [*AS_NOBODY, str(program), "--master", str(folder / "m.sock"), "--name", "alone",
             "--state", str(folder / "state")], stdout=out, stderr=out,
            env=environment(**paths), cwd=folder)
    try:
        wait_until(lambda: "no master at" in log.read_text(), 30, "the slave to look for a master")
    finally:
        slave.send_signal(signal.SIGTERM)
        status = slave.wait(20 * PATIENCE)
    assert status == 0, log.read_text()


def test_no_runner(folder):
    (folder / "build").mkdir()
    refused(run_slave(folder, RUCHE_BUILD_DIR=str(folder / "build")), "ruche-runner")


@pytest.mark.parametrize("address", ["", "host:7117", "tcp://host", "ruche://",
                                     "ruche://host:7117/?fp=12&token=34", "/" + "x" * 200])
def test_malformed_address(folder, address):
    refused(run_slave(folder, "--master", address), "master")


@pytest.mark.parametrize("text,word", [
    ("[slave]\nslots=0\n", "slots"), ("[slave]\nslots=many\n", "slots"),
    ("[slave]\nspeed=9\n", "speed"), ("[slave]\nname=no spaces\n", "name"),
    ("[slave]\nmaster=host:7117\n", "master"), ("[slave]\nstate=\n", "state"),
    ("[master]\n", "master"), ("nonsense", "slave.conf"), ("[slave]\nname=\xff\n", "slave.conf"),
], ids=range(9))
def test_bad_configuration(folder, text, word):
    path = folder / "slave.conf"
    path.write_bytes(text.encode("latin-1"))
    refused(run_slave(folder, "--config", path), word, "slave.conf")


def test_configuration_is_not_there(folder):
    refused(run_slave(folder, "--config", folder / "none.conf"), "none.conf")
    refused(run_slave(folder, "--config", folder), str(folder))


def test_toolchains_not_there(folder):
    refused(run_slave(folder, "--toolchains", folder / "none"), str(folder / "none"))


def test_toolchains_unreadable(folder):
    closed = folder / "closed"
    closed.mkdir(mode=0o000)
    if AS_NOBODY:
        os.chown(closed, 65534, 65534)
    refused(run_slave(folder, "--toolchains", closed, before=AS_NOBODY), str(closed))


def test_state_that_cannot_be_made(folder):
    (folder / "file").write_text("")
    refused(run_slave(folder, "--state", folder / "file" / "state"), str(folder / "file"))


def test_unknown_user(folder):
    refused(run_slave(folder, "--user", "no-such-user"), "no-such-user" if AS_NOBODY else "root")
