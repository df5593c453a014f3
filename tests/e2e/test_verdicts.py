# test_verdicts.py: every verdict on both of its sides, by programs that try to get away with it
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

C_HEAD = """#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
"""


def c(body, before=""):
    return f"{C_HEAD}{before}\nint main (void) {{ {body} return 0; }}\n"


def java(body, before=""):
    return ("import java.util.*;\npublic class Main {\n" + before
            + "public static void main (String[] a) throws Exception { " + body + " } }\n")


def hold(mib):
    """Memory that is touched, in a way that no compiler leaves out."""
    return f"volatile char *m = malloc ({mib} << 20); for (long i = 0; i < {mib} << 20; i += 512) m[i] = 1;"


JAVA_WORDS = ('System.err.println ("Exception in thread \\"main\\" java.lang.OutOfMemoryError: '
              'Java heap space");')
JAVA_HOLD = "byte[][] m = new byte[{0}][]; for (int i = 0; i < {0}; i++) m[i] = new byte[1 << 20];"
SPIN = "volatile long x = 0; clock_t end = clock () + {} * CLOCKS_PER_SEC; while (clock () < end) x++;"

# name, text, options, verdict
CASES = [
    # Processor time: of one, of all children together, and of children that nobody waits for.
    ("cpu-below.c", c(SPIN.format(0.3)), "--cpu 2", "ok"),
    ("cpu-above.c", c("for (;;) ;"), "--cpu 1", "time-limit"),
    ("cpu-above.py", "while True:\n    pass\n", "--cpu 1", "time-limit"),
    ("cpu-above.java", java("for (long x = 0;; x++) ;"), "--cpu 1", "time-limit"),
    ("cpu-children.c", c("for (int i = 0; i < 8; i++) if (fork () == 0) { " + SPIN.format(0.4)
                         + " exit (0); } while (wait (NULL) > 0) ;"), "--cpu 1", "time-limit"),
    ("cpu-unwaited.c", c("signal (SIGCHLD, SIG_IGN); for (int i = 0; i < 8; i++) if (fork () == 0) {"
                         + SPIN.format(0.4) + " exit (0); } while (wait (NULL) > 0) ;"),
     "--cpu 1", "time-limit"),
    # Time.
    ("wall-below.py", "import time\ntime.sleep(0.5)\n", "--wall 30", "ok"),
    ("wall-above.c", c("sleep (100);"), "--wall 1", "wall-limit"),
    ("wall-above.java", java("Thread.sleep (100000);"), "--wall 2", "wall-limit"),
    ("wall-deaf.c", c("for (int s = 1; s < 64; s++) signal (s, SIG_IGN); for (;;) pause ();"),
     "--wall 1", "wall-limit"),
    ("wall-stopped.c", c("kill (0, SIGSTOP);"), "--wall 1", "wall-limit"),
    # Memory: what is touched counts, what is only reserved does not.
    ("memory-below.c", c(hold(40)), "--memory 64", "ok"),
    ("memory-above.c", c(hold(80) + "sleep (1);"), "--memory 64", "memory-limit"),
    ("memory-short.c", c(hold(80) + "free (m);"), "--memory 64", "memory-limit"),
    ("memory-caught.py", "try:\n    x = bytearray(200 << 20)\nexcept MemoryError:\n    pass\n",
     "--memory 64", "memory-limit"),
    ("memory-children.c", c("for (int i = 0; i < 4; i++) if (fork () == 0) {" + hold(30)
                            + "sleep (2); exit (0); } while (wait (NULL) > 0) ;"),
     "--memory 64", "memory-limit"),
    ("memory-untouched.c", c("char *m = mmap (NULL, 10l << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE"
                             " | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0); m[9l << 30] = 1;"),
     "--memory 64", "ok"),
    ("memory-untouched.py", "import mmap\nm = mmap.mmap(-1, 10 << 30, flags=mmap.MAP_PRIVATE | "
                            "mmap.MAP_ANONYMOUS | 0x4000)\nm[9 << 30] = 1\n", "--memory 64", "ok"),
    ("memory-below.java", java(JAVA_HOLD.format(60)), "--memory 250", "ok"),
    ("memory-above.java", java(JAVA_HOLD.format(400)), "--memory 250", "memory-limit"),
    ("memory-above.js", "const l = [];\nfor (;;) l.push(new Array(1000).fill(1.5));\n",
     "--memory 250", "memory-limit"),
    # Output, both streams together: as much as allowed, and a byte more.
    ("output-equal.c", c("for (int i = 0; i < 1 << 19; i++) { putchar ('a'); putc ('b', stderr); }"),
     "--output 1", "ok"),
    ("output-above.c", c("for (int i = 0; i < 1 << 19; i++) { putchar ('a'); putc ('b', stderr); }"
                         "putchar ('c');"), "--output 1", "output-limit"),
    ("output-flood.py", "while True:\n    print('x' * 1000)\n", "--output 1", "output-limit"),
    ("output-flood.java", java("for (;;) System.err.println (\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\");"),
     "--output 1", "output-limit"),
    ("output-closed.c", c("fclose (stdout); fclose (stderr); close (0);"), "", "ok"),
    ("output-closed.py", "import os\nos.close(1)\nos.close(2)\nos._exit(0)\n", "", "ok"),
    # Recursion too deep: C is killed, the others say so themselves.
    ("deep.c", c("return deep (1);", "int deep (int n) { volatile char b[1000]; b[0] = (char) n;"
                 " return n + deep (n + 1) + b[0]; }"), "", "signaled"),
    ("deep-enough.c", c("return deep (10000) == 7;", "int deep (int n) { volatile char b[1000];"
                        " b[0] = 1; return n == 0 ? 0 : deep (n - 1) + b[0]; }"), "", "ok"),
    ("deep.py", "def deep(n):\n    return deep(n + 1)\ndeep(0)\n", "", "runtime-error"),
    ("deep.java", java("deep (0);", "static int deep (int n) { return deep (n + 1) + 1; }\n"), "",
     "runtime-error"),
    # Signals of their own.
    ("kills-itself.c", c("kill (getpid (), SIGKILL);"), "", "signaled"),
    ("kills-all.py", "import os\nif os.fork() == 0:\n    while True:\n        pass\n"
     "os.kill(-1, 9)\nos.kill(os.getpid(), 15)\n", "", "signaled"),
    ("kills-runner.py", "import os\ntry:\n    os.kill(1, 9)\nexcept OSError:\n    pass\n", "", "ok"),
    # Verdicts that are only claimed.
    ("claims-memory.java", java(JAVA_WORDS + "System.exit (3);"), "", "runtime-error"),
    ("claims-memory-1.java", java(JAVA_HOLD.format(120) + JAVA_WORDS + "System.exit (1);"),
     "--memory 250", "runtime-error"),
    ("claims-memory.js", "process.stderr.write('FATAL ERROR: JavaScript heap out of memory\\n');\n"
                         "process.abort();\n", "", "signaled"),
    ("claims-memory.py", "import sys\nx = bytearray(200 << 20)\nprint('MemoryError', "
                         "file=sys.stderr)\nsys.exit(3)\n", "", "runtime-error"),
    ("claims-success.py", "import sys\nprint('{\"type\":\"finished\",\"results\":[{\"verdict\":"
                          "\"ok\"}]}')\nsys.exit(1)\n", "", "runtime-error"),
    ("status-124.c", c("return 124;"), "", "runtime-error"),
    ("status-125.c", c("return 125;"), "", "runtime-error"),
    ("status-137.c", c("return 137;"), "", "runtime-error"),
    # The compiler has limits of its own.
    ("compiles.c", c(""), "", "ok"),
    ("refused.c", "int main (void) { return nothing; }\n", "", "compile-error"),
    ("refused.java", java("int x = \"text\";"), "", "compile-error"),
]


def run(cluster, name, text, options=""):
    """Runs a program and returns the answer; a Java program's file is Main.java."""
    stem, _, suffix = name.partition(".")
    path = f"{stem}/Main.java" if suffix == "java" else name
    return cluster.run(cluster.program(path, text), *options.split())


@pytest.mark.parametrize("name,text,options,verdict", CASES, ids=[case[0] for case in CASES])
def test_verdict(cluster, name, text, options, verdict):
    result = run(cluster, name, text, options)
    assert result["verdict"] == verdict, result
    assert result["step"] == ("compile" if verdict == "compile-error" else "run")
    if verdict.endswith("-limit"):
        assert result["reason"]


@pytest.mark.parametrize("name,mib", [("deep.c", 64), ("deep.c", 512)])
def test_stack_overflow_is_named(cluster, name, mib):
    text = next(case[1] for case in CASES if case[0] == name)
    result = run(cluster, name, text, f"--memory {mib}")
    assert result["signal"] == 11 and "stack overflow" in result["reason"], result


FORK_BOMBS = {
    "bomb.c": c("for (;;) fork ();"),
    "bomb-sessions.c": c("for (;;) if (fork () == 0) { setsid (); signal (SIGTERM, SIG_IGN); }"),
    "bomb.py": "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n"
               "        pass\n",
    "bomb.java": java("for (;;) try { new ProcessBuilder (\"sleep\", \"100\").start (); }"
                      " catch (java.io.IOException e) { }"),
}


@pytest.mark.parametrize("name", FORK_BOMBS)
def test_fork_bomb(cluster, name):
    """It meets its limits, and the next program finds nothing of it."""
    result = run(cluster, name, FORK_BOMBS[name], "--cpu 1 --wall 5")
    assert result["verdict"] in ("time-limit", "wall-limit"), result
    after = run(cluster, "after.py", "import os\nprint(len([p for p in os.listdir('/proc') if "
                                     "p.isdigit()]))\n")
    assert (after["verdict"], after["stdout"]) == ("ok", "2\n"), after
    cluster.wait_boxes_gone()


DAEMONS = {
    "daemon.c": c("if (fork () == 0) { setsid (); if (fork () == 0) { signal (SIGHUP, SIG_IGN);"
                  " signal (SIGTERM, SIG_IGN); for (;;) pause (); } exit (0); }"
                  " wait (NULL); puts (\"parent\");"),
    "daemon.py": "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
                 "        time.sleep(1000)\n    os._exit(0)\nos.wait()\nprint('parent')\n",
    "daemon.java": java("new ProcessBuilder (\"setsid\", \"sleep\", \"1000\").inheritIO ().start ();"
                        "System.out.println (\"parent\");"),
}


@pytest.mark.parametrize("name", DAEMONS)
def test_daemon_ends_with_its_program(cluster, name):
    """Who leaves a process behind that holds the output open ends all the same, and so does it."""
    result = run(cluster, name, DAEMONS[name], "--wall 25")
    assert (result["verdict"], result["stdout"]) == ("ok", "parent\n"), result
    assert result["wall_ms"] < 20000
    cluster.wait_boxes_gone()
