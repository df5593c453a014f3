# test_cli_input.py: bad input is met with a sentence that says what to do, and exit status 2
# SPDX-License-Identifier: GPL-3.0-or-later

import os
import socket
import struct
import subprocess
import threading

import pytest
from cluster import RUCHECTL

C_MAIN = "int main (void) { return 0; }\n"


def refused(done, *parts):
    """One sentence (and perhaps where to read on), nothing on standard output, exit status 2."""
    text = done.stderr.decode()
    assert done.returncode == 2, done
    assert done.stdout == b""
    lines = text.splitlines()
    assert 1 <= len(lines) <= 2, text
    assert all(line.startswith("ruchectl: ") for line in lines), text
    for part in parts:
        assert part in text, text
    for word in ("Traceback", "CRITICAL", "WARNING", "assert"):
        assert word not in text
    return text


def test_no_such_file(cluster):
    refused(cluster.ctl("run", "none.c"), "none.c", "there is no file")
    refused(cluster.ctl("submit", "none.c"), "none.c", "there is no file")


def test_folder(cluster):
    refused(cluster.ctl("run", cluster.top), "is a folder")


def test_large_source(cluster):
    path = cluster.program("large.c", "")
    os.truncate(path, 100 << 20)
    refused(cluster.ctl("run", path), "8 MiB")


def test_files_too_large_together(cluster):
    paths = [cluster.program(f"half{n}.c", b"/" * (5 << 20)) for n in range(2)]
    refused(cluster.ctl("run", *paths), "8 MiB")


def test_empty_file(cluster):
    refused(cluster.ctl("run", cluster.program("empty.c", "")), "empty.c", "empty")


def test_unknown_suffix(cluster):
    path = cluster.program("program.xyz", "print(1)\n")
    refused(cluster.ctl("run", path), ".py", ".cpp", "--language")
    assert cluster.run(path, "--language", "python")["stdout"] == "1\n"


def test_no_suffix(cluster):
    path = cluster.program("program", "print(2)\n")
    refused(cluster.ctl("run", path), "--language")
    assert cluster.run(path, "-l", "python")["stdout"] == "2\n"


def test_unknown_language(cluster):
    path = cluster.program("a.py", "print(1)\n")
    refused(cluster.ctl("run", path, "--language", "cobol"), "cobol", "python")


def test_binary_file(cluster):
    path = cluster.program("binary.c", b"\x7fELF\x02\x01\x01" + bytes(100))
    refused(cluster.ctl("run", path), "binary.c")


@pytest.mark.parametrize("name", ["with space.py", "éàü.py", "日本 語.py", "it's \"quoted\".py",
                                  "semi;colon&$(x).py", "two  spaces.py"])
def test_odd_names(cluster, name):
    assert cluster.run(cluster.program(name, "print('odd')\n"))["stdout"] == "odd\n"


@pytest.mark.parametrize("name", ["with space.c", "é.c"])
def test_odd_names_compiled(cluster, name):
    path = cluster.program(name, '#include <stdio.h>\nint main (void) { puts ("odd"); }\n')
    assert cluster.run(path)["stdout"] == "odd\n"


@pytest.mark.parametrize("name", [b"new\nline.py", b"bell\x07.py", b"latin-\xe9.py", b"-dash.py"])
def test_refused_names(cluster, name):
    folder = os.fsencode(cluster.top / "odd")
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(b"print(1)\n")
    done = subprocess.run([str(RUCHECTL), "run", path], stdin=subprocess.DEVNULL,
                          capture_output=True, env=cluster.environment, timeout=60)
    refused(done, "can’t be the name of a file")


def test_no_main_class(cluster):
    refused(cluster.ctl("run", cluster.program("Nothing.java", "class Nothing { }\n")), "main")


def test_two_mains(cluster):
    paths = [cluster.program(f"twice/{name}.c", C_MAIN) for name in ("one", "two")]
    refused(cluster.ctl("run", *paths), "one.c", "two.c", "--main")


def test_same_file_twice(cluster):
    path = cluster.program("a.c", C_MAIN)
    refused(cluster.ctl("run", path, path), "twice")


def test_missing_input_file(cluster):
    path = cluster.program("a.py", "print(1)\n")
    refused(cluster.ctl("run", path, "--input", "none.txt"), "none.txt")


@pytest.mark.parametrize("options", [("--cpu", "soon"), ("--cpu", "-1"), ("--cpu", "nan"),
                                     ("--memory", "99999999"), ("--priority", "urgent"),
                                     ("--attempts", "0"), ("--attempts", "99"), ("--flags", "'a"),
                                     ("--output", "5"), ("--processes", "1.5"), ("--frobnicate",),
                                     ("--cpu",)])
def test_wrong_options(cluster, options):
    refused(cluster.ctl("run", cluster.program("a.py", "print(1)\n"), *options), options[0])


@pytest.mark.parametrize("words", [(), ("frobnicate",), ("batch", "x"), ("run",), ("submit",),
                                   ("show",), ("show", "x"), ("show", "0"), ("show", "-1"),
                                   ("show", "1", "2"), ("jobs", "1"), ("servers", "x"),
                                   ("cancel", "1e3"), ("down", "now")])
def test_wrong_words(cluster, words):
    refused(cluster.ctl(*words), "help")


@pytest.mark.parametrize("number", ["0", "-1", "many", "65", "1.5"])
def test_wrong_number_of_slaves(cluster, number):
    refused(cluster.ctl("up", "--slaves", number), "--slaves", number)


@pytest.mark.parametrize("command", ["show", "output", "wait", "cancel", "delete"])
def test_no_such_job(cluster, command):
    refused(cluster.ctl(command, "999999"), "999999")


def test_no_such_server(cluster):
    """Waits, says so at once, and is cancelled by Ctrl+C."""
    client = cluster.popen("run", cluster.program("a.py", "print(1)\n"), "--server", "nowhere")
    assert "nowhere" in client.stderr.readline().decode()
    client.send_signal(2)
    assert client.wait(30) == 130


def test_master_not_running(cluster, tmp_path):
    for words in (("jobs",), ("servers",), ("run", cluster.program("a.py", "print(1)\n"))):
        refused(cluster.ctl(*words, "--master", tmp_path / "none.sock"), "ruchectl up")


@pytest.mark.parametrize("address", ["ruche://", "ruche://host:port/", "", "http://example.org",
                                     "x" * 300])
def test_wrong_address(cluster, address):
    refused(cluster.ctl("jobs", "--master", address))


def test_join_code(cluster):
    """Understood, and refused until there is TLS."""
    code = f"ruche://host:7117/?fp={'ab' * 32}&token=xyz"
    refused(cluster.ctl("jobs", "--master", code), "socket")


def test_not_a_socket(cluster):
    path = cluster.program("no-socket", "x")
    refused(cluster.ctl("jobs", "--master", path), str(path))


def fake_master(path, answer):
    """Listens at `path` and answers whatever comes first with these bytes."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def serve():
        peer, _ = listener.accept()
        with peer:
            peer.recv(65536)
            peer.sendall(answer)
            peer.settimeout(20)
            while peer.recv(65536):
                pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return listener


def frame(header):
    return struct.pack(">II", len(header), 0) + header


def test_version_mismatch(cluster, tmp_path):
    newer = (b'{"type":"refused","code":"version","message":"too old","protocol":9,"oldest":8}')
    with fake_master(tmp_path / "new.sock", frame(newer)):
        refused(cluster.ctl("jobs", "--master", tmp_path / "new.sock"))


def test_welcome_of_another_version(cluster, tmp_path):
    odd = b'{"type":"welcome","protocol":9,"cluster":"x","epoch":1,"session":1}'
    with fake_master(tmp_path / "odd.sock", frame(odd)):
        done = cluster.ctl("jobs", "--master", tmp_path / "odd.sock")
    assert done.returncode in (2, 125)
    assert done.stdout == b"" and done.stderr.startswith(b"ruchectl: ")


def test_something_else_listens(cluster, tmp_path):
    with fake_master(tmp_path / "http.sock", b"HTTP/1.1 400 Bad Request\r\n\r\n"):
        done = cluster.ctl("jobs", "--master", tmp_path / "http.sock")
    assert done.returncode in (2, 125)
    assert done.stdout == b"" and done.stderr.startswith(b"ruchectl: ")


def test_full_disk_in_the_runtime_folder(cluster, tmp_path):
    """A tmpfs without room, in a mount namespace of the test's own."""
    script = ("mount -t tmpfs -o size=4k,nr_inodes=2 none \"$1\" && "
              "RUCHE_RUNTIME_DIR=$1/run exec \"$2\" up")
    full = tmp_path / "full"
    full.mkdir()
    unshare = ["unshare", "--mount"] + ([] if os.geteuid() == 0 else ["--map-root-user"])
    done = subprocess.run([*unshare, "sh", "-c", script, "sh", str(full), str(RUCHECTL)],
                          stdin=subprocess.DEVNULL, capture_output=True, env=cluster.environment,
                          timeout=60)
    refused(done, "full", str(full))
