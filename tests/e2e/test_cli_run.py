# test_cli_run.py: ruchectl run as people and scripts use it
# SPDX-License-Identifier: GPL-3.0-or-later

import base64
import concurrent.futures
import json
import os
import pty
import signal
import subprocess

import pytest
from cluster import RUCHECTL, wait_until

ENDLESS = "import time\nprint('here', flush=True)\nwhile True:\n    time.sleep(0.1)\n"
CAT = ("import sys\nwhile True:\n    data = sys.stdin.buffer.read1(65536)\n"
       "    if not data:\n        break\n    sys.stdout.buffer.write(data)\n"
       "    sys.stdout.buffer.flush()\n")
MEMBERS = {"job", "task", "state", "verdict", "step", "exit_code", "signal", "reason", "stdout",
           "stderr", "diagnostics", "cpu_ms", "wall_ms", "memory_kib", "compile", "server",
           "attempt", "toolchain", "cached"}


# ---- standard input -----------------------------------------------------------------------------

def test_pipe(cluster):
    done = cluster.ctl("run", cluster.program("cat.py", CAT), input=b"one\ntwo\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"one\ntwo\n", b"")


def test_large_pipe(cluster):
    """3 MiB, many times the window of live input."""
    data = bytes(range(256)) * (3 << 12)
    done = cluster.ctl("run", cluster.program("cat.py", CAT), input=data)
    assert done.returncode == 0
    assert done.stdout == data


def test_dialogue(cluster):
    """What is written reaches the running program at once, and its answer comes back."""
    path = cluster.program("talk.py", "for line in iter(input, 'end'):\n"
                                      "    print('got', line, flush=True)\n")
    client = cluster.popen("run", path, stdin=subprocess.PIPE)
    for word in (b"one", b"two"):
        client.stdin.write(word + b"\n")
        client.stdin.flush()
        assert client.stdout.readline() == b"got " + word + b"\n"
    client.stdin.write(b"end\n")
    client.stdin.close()
    assert client.wait(30) == 0


def test_input_that_nobody_reads(cluster):
    """A program that ends without reading ends the run, however much is still to come."""
    path = cluster.program("deaf.py", "print('done')\n")
    client = cluster.popen("run", path, stdin=subprocess.PIPE)
    out = client.stdout.read()
    assert out == b"done\n"
    assert client.wait(30) == 0
    client.stdin.close()


def test_input_file(cluster):
    data = cluster.program("input.txt", "from a file\n")
    path = cluster.program("cat.py", CAT)
    assert cluster.run(path, "--input", data)["stdout"] == "from a file\n"


def test_input_file_wins_over_pipe(cluster):
    data = cluster.program("input.txt", "from a file\n")
    done = cluster.ctl("run", cluster.program("cat.py", CAT), "--input", data, input=b"from a pipe")
    assert done.stdout == b"from a file\n"


def test_large_input_file(cluster):
    """Beyond the 8 MiB that a program may be."""
    data = cluster.program("large.txt", b"0123456789abcde\n" * (9 << 16))
    path = cluster.program("count.py", "import sys\nprint(len(sys.stdin.buffer.read()))\n")
    assert cluster.run(path, "--input", data)["stdout"] == f"{9 << 20}\n"


def test_pipe_with_attempts(cluster):
    """What may have to be read twice is read whole first."""
    done = cluster.ctl("run", cluster.program("cat.py", CAT), "--attempts", "2", input=b"again")
    assert (done.returncode, done.stdout) == (0, b"again")


def test_no_input(cluster):
    assert cluster.ctl("run", cluster.program("cat.py", CAT)).stdout == b""


def test_closed_descriptors(cluster):
    path = cluster.program("hello.py", "print('hello')\n")
    words = " ".join(["exec", "\"$0\"", "run", "\"$1\"", "<&-"])
    done = subprocess.run(["sh", "-c", words, str(RUCHECTL), str(path)], capture_output=True,
                          env=cluster.environment, timeout=60)
    assert (done.returncode, done.stdout) == (0, b"hello\n")


# ---- arguments ----------------------------------------------------------------------------------

def test_arguments(cluster):
    path = cluster.program("args.py", "import sys\nprint(sys.argv[1:])\n")
    words = ["a b", "-x", "--", "é", "", "$(id)", "new\nline", "'", "\x1f"]
    options = [option for word in words for option in ("--arg", word)]
    assert cluster.run(path, *options)["stdout"] == f"{words}\n"


def test_arguments_in_the_c_locale(cluster):
    path = cluster.program("args.py", "import sys\nprint(ascii(sys.argv[1:]))\n")
    done = cluster.ctl("run", path, "--arg", "é", env={**cluster.environment, "LC_ALL": "C"})
    assert done.stdout == b"['\\xe9']\n"


def test_flags(cluster):
    path = cluster.program("flags.c", '#include <stdio.h>\nint main (void) { puts (TEXT); }\n')
    result = cluster.run(path, "--flags", "-O1 '-DTEXT=\"a  b\"'")
    assert result["stdout"] == "a  b\n"


def test_several_files(cluster):
    paths = [cluster.program("several/main.c", '#include "lib/answer.h"\n#include <stdio.h>\n'
                             'int main (void) { printf ("%d\\n", answer ()); }\n'),
             cluster.program("several/lib/answer.c", "int answer (void) { return 42; }\n"),
             cluster.program("several/lib/answer.h", "int answer (void);\n")]
    assert cluster.run(*paths)["stdout"] == "42\n"


def test_data_file(cluster):
    paths = [cluster.program("data/main.py", "print(open('table.csv', 'rb').read())\n"),
             cluster.program("data/table.csv", b"1,2\n\0")]
    assert cluster.run(*paths)["stdout"] == "b'1,2\\n\\x00'\n"


# ---- output -------------------------------------------------------------------------------------

def test_utf8(cluster):
    path = cluster.program("utf8.py", "print('déjà vu 日本 🐝')\n")
    assert cluster.ctl("run", path).stdout.decode() == "déjà vu 日本 🐝\n"
    result = cluster.run(path)
    assert result["stdout"] == "déjà vu 日本 🐝\n"
    assert "stdout_base64" not in result


BYTES = bytes(range(256)) * 3


def test_binary(cluster):
    path = cluster.program("binary.py", "import sys\nfor stream in (sys.stdout, sys.stderr):\n"
                                        "    stream.buffer.write(bytes(range(256)) * 3)\n")
    done = cluster.ctl("run", path)
    assert (done.stdout, done.stderr) == (BYTES, BYTES)
    result = cluster.run(path)
    for name in ("stdout", "stderr"):
        assert base64.b64decode(result[name + "_base64"]) == BYTES
        assert "\ufffd" in result[name] and "\0" not in result[name]


def test_nul(cluster):
    path = cluster.program("nul.py", "import sys\nsys.stdout.write('a\\0b')\n")
    assert cluster.ctl("run", path).stdout == b"a\0b"
    result = cluster.run(path)
    assert result["stdout"] == "a\ufffdb"
    assert base64.b64decode(result["stdout_base64"]) == b"a\0b"


def test_4_mib(cluster):
    path = cluster.program("much.py", "import sys\n"
                           "sys.stdout.write(''.join(f'{i:07}\\n' for i in range(1 << 19)))\n")
    expected = "".join(f"{i:07}\n" for i in range(1 << 19)).encode()
    done = cluster.ctl("run", path)
    assert done.returncode == 0
    assert done.stdout == expected
    assert cluster.run(path)["stdout"].encode() == expected


def test_empty(cluster):
    path = cluster.program("silent.py", "pass\n")
    done = cluster.ctl("run", path)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    result = cluster.run(path)
    assert (result["stdout"], result["stderr"], result["verdict"]) == ("", "", "ok")


def test_no_newline_at_the_end(cluster):
    path = cluster.program("open.py", "print('no newline', end='')\n")
    assert cluster.ctl("run", path).stdout == b"no newline"


def test_streams_stay_apart(cluster):
    path = cluster.program("both.py", "import sys\nprint('out')\nprint('err', file=sys.stderr)\n")
    done = cluster.ctl("run", path)
    assert (done.stdout, done.stderr) == (b"out\n", b"err\n")


def test_head(cluster):
    """A reader that has had enough ends an endless program, without a word."""
    path = cluster.program("endless.py", "import itertools\nfor i in itertools.count():\n"
                                         "    print(i, flush=True)\n")
    done = subprocess.run(["sh", "-c", "\"$0\" run \"$1\" --wall 60 | head -n 1",
                           str(RUCHECTL), str(path)], stdin=subprocess.DEVNULL,
                          capture_output=True, env=cluster.environment, timeout=60)
    assert (done.stdout, done.stderr) == (b"0\n", b"")
    cluster.wait_idle()


def test_full_output(cluster):
    path = cluster.program("hello.py", "print('hello')\n")
    with open("/dev/full", "wb") as full:
        client = cluster.popen("run", path, stdout=full)
        err = client.stderr.read().decode()
    assert client.wait(30) == 125
    assert err.startswith("ruchectl: ") and "written" in err


# ---- verdicts and exit statuses -----------------------------------------------------------------

VERDICTS = [
    ("exit7.py", "raise SystemExit(7)\n", (), "runtime-error", 7),
    ("exit126.py", "raise SystemExit(126)\n", (), "runtime-error", 126),
    ("crash.c", "int main (void) { return *(volatile int *) 0; }\n", (), "signaled", 139),
    ("abort.c", "#include <stdlib.h>\nint main (void) { abort (); }\n", (), "signaled", 134),
    ("spin.c", "int main (void) { for (;;) ; }\n", ("--cpu", "1"), "time-limit", 124),
    ("sleep.py", "import time\ntime.sleep(100)\n", ("--wall", "1"), "wall-limit", 124),
    ("flood.py", "while True:\n    print('x' * 1000)\n", ("--output", "1"), "output-limit", 124),
    ("wrong.c", "int main (void) { return x; }\n", (), "compile-error", 126),
    ("hungry.py", "x = []\nwhile True:\n    x.append('x' * 1000000)\n", ("--memory", "64"),
     "memory-limit", 137),
]


@pytest.mark.parametrize("name,text,options,verdict,status", VERDICTS, ids=[v[0] for v in VERDICTS])
def test_exit_status(cluster, name, text, options, verdict, status):
    done = cluster.ctl("run", cluster.program(name, text), "--json", *options)
    result = json.loads(done.stdout)
    assert (result["verdict"], done.returncode) == (verdict, status), result
    assert done.stdout.count(b"\n") == 1
    assert MEMBERS <= set(result)
    if verdict == "signaled":
        assert result["exit_code"] is None and result["signal"] == status - 128
    if verdict == "runtime-error":
        assert result["exit_code"] == status and result["signal"] is None
    if verdict == "compile-error":
        assert result["step"] == "compile" and result["cpu_ms"] is None
    else:
        assert result["step"] == "run" and result["wall_ms"] >= 0


def test_json_of_a_success(cluster):
    result = cluster.run(cluster.program("ok.c", C_OK))
    assert set(result) == MEMBERS
    assert (result["verdict"], result["exit_code"], result["signal"]) == ("ok", 0, None)
    assert result["attempt"] == 1
    assert result["server"] in {server["name"] for server in cluster.servers()}
    assert result["toolchain"]
    assert set(result["compile"]) == {"cpu_ms", "wall_ms", "memory_kib"}
    assert result["compile"]["wall_ms"] > 0 and result["memory_kib"] > 0


C_OK = '#include <stdio.h>\nint main (void) { puts ("ok"); }\n'


def test_diagnostics(cluster):
    path = cluster.program("wrong.c", "int main (void)\n{\n  return nothing;\n}\n")
    done = cluster.ctl("run", path)
    assert done.returncode == 126
    assert done.stdout == b""
    assert "wrong.c:3:10: error: " in done.stderr.decode()
    found = cluster.run(path)["diagnostics"]
    assert (found[0]["file"], found[0]["line"], found[0]["column"], found[0]["severity"]) == (
        "wrong.c", 3, 10, "error")
    assert "nothing" in found[0]["message"]


def test_warnings_of_a_program_that_runs(cluster):
    path = cluster.program("warned.c", '#include <stdio.h>\nint main (void)\n{\n  int unused;\n'
                                       '  puts ("ok");\n}\n')
    done = cluster.ctl("run", path)
    assert (done.returncode, done.stdout) == (0, b"ok\n")
    assert "warned.c:4:7: warning: " in done.stderr.decode()


def test_traceback_is_told_once(cluster):
    path = cluster.program("trace.py", "def f():\n    raise ValueError('told once')\nf()\n")
    done = cluster.ctl("run", path)
    assert done.returncode == 1
    assert done.stderr.decode().count("told once") == 2  # the source line and the message


def test_verdict_is_told(cluster):
    """To scripts where the program can't have said it, always with -v, never with -q."""
    fine = cluster.program("fine.py", "pass\n")
    slow = cluster.program("sleep.py", "import time\ntime.sleep(100)\n")
    assert cluster.ctl("run", fine).stderr == b""
    assert b"exit status 0" in cluster.ctl("run", fine, "-v").stderr
    assert b"Took too long" in cluster.ctl("run", slow, "--wall", "1").stderr
    assert cluster.ctl("run", slow, "--wall", "1", "-q").stderr == b""


def test_verdict_on_a_terminal(cluster):
    """A person sees how it ended, with figures and the server's name."""
    ours, theirs = pty.openpty()
    client = cluster.popen("run", cluster.program("open.py", "print('text', end='')\n"),
                           stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    text = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:
            break
        text += part
    os.close(ours)
    assert client.wait(30) == 0
    lines = text.decode().splitlines()
    assert lines[0] == "text"
    assert "Finished" in lines[-1] and "MiB" in lines[-1] and " CPU" in lines[-1]
    assert any(server["name"] in lines[-1] for server in cluster.servers())


# ---- stopping -----------------------------------------------------------------------------------

def test_ctrl_c(cluster):
    client = cluster.popen("run", cluster.program("endless.py", ENDLESS), "--wall", "60")
    assert client.stdout.readline() == b"here\n"
    client.send_signal(signal.SIGINT)
    assert client.wait(30) == 130
    assert b"Stopped" in client.stderr.read()
    cluster.wait_idle()


def test_ctrl_c_with_json(cluster):
    client = cluster.popen("run", cluster.program("endless.py", ENDLESS), "--json", "--wall", "60")
    wait_until(lambda: any(server["busy"] for server in cluster.servers()), what="the program")
    job = cluster.json("jobs")[0]["job"]
    wait_until(lambda: cluster.ctl("output", job).stdout == b"here\n", what="its output")
    client.send_signal(signal.SIGINT)
    out, _ = client.communicate(timeout=30)
    result = json.loads(out)
    assert (result["verdict"], result["stdout"], client.returncode) == ("cancelled", "here\n", 130)


def test_second_ctrl_c(cluster):
    """Leaves at once, even where the cluster does not answer."""
    client = cluster.popen("run", cluster.program("endless.py", ENDLESS), "--wall", "60")
    assert client.stdout.readline() == b"here\n"
    master = cluster.master()
    os.kill(master.pid, signal.SIGSTOP)
    try:
        client.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            client.wait(1)
        client.send_signal(signal.SIGINT)
        assert client.wait(5) == 130
    finally:
        os.kill(master.pid, signal.SIGCONT)
    cluster.wait_idle()


# ---- many at once -------------------------------------------------------------------------------

def test_12_clients(cluster):
    """Different programs at once; none receives another's output."""
    def one(n):
        mark = f"client-{n}-"
        if n % 2:
            path = cluster.program(f"many{n}.py", f"for i in range(2000):\n    print('{mark}', i)\n")
        else:
            path = cluster.program(f"many{n}.c", '#include <stdio.h>\nint main (void) { for (int i '
                                   f'= 0; i < 2000; i++) printf ("{mark} %d\\n", i); }}\n')
        done = cluster.ctl("run", path)
        return done, "".join(f"{mark} {i}\n" for i in range(2000)).encode()

    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        for done, expected in pool.map(one, range(12)):
            assert done.returncode == 0, done.stderr
            assert done.stdout == expected
