# wire.py: a client of Ruche's protocol in plain Python, written from docs/protocol.md
# SPDX-License-Identifier: GPL-3.0-or-later

import collections
import contextlib
import hashlib
import json
import secrets
import select
import socket
import struct
import time

PREFIX = struct.Struct(">II")
TASKS_PER_PART = 4096
HEARTBEAT = 1.0  # seconds; who is silent for ten is cut off
PATIENCE = 120


class WireError(Exception):
    """The master refused, failed a request, or cut the connection."""

    def __init__(self, message, code=None):
        super().__init__(message)
        self.code = code


class Wire:
    """One connection to a master, with requests one after the other."""

    patience = PATIENCE

    def __init__(self, path, name="wire.py", role="client"):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(str(path))
        self.buffer = bytearray()
        self.serial = 0
        self.sent = 0.0
        self.waiting = collections.deque()
        self.send("hello", protocol=1, oldest=1, role=role, name=name)
        kind, welcome, _ = self.receive()
        if kind != "welcome":
            raise WireError(f"{kind}: {welcome}")
        self.welcome = welcome

    def close(self):
        self.socket.close()

    def set_patience(self, seconds):
        """Bounds how long to wait for a message, pings not counted."""
        self.patience = seconds

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, kind, payload=b"", **members):
        header = json.dumps({"type": kind, **members}, ensure_ascii=False).encode()
        self.socket.sendall(PREFIX.pack(len(header), len(payload)) + header + payload)
        self.sent = time.monotonic()

    def read_exactly(self, size):
        end = time.monotonic() + PATIENCE
        while len(self.buffer) < size:
            if time.monotonic() - self.sent > HEARTBEAT:
                # To a peer that has gone; what it said last is still to be read.
                with contextlib.suppress(BrokenPipeError):
                    self.send("ping")
            if not select.select([self.socket], [], [], HEARTBEAT / 2)[0]:
                if time.monotonic() > end:
                    raise WireError(f"the master was silent for {PATIENCE} s")
                continue
            part = self.socket.recv(1 << 18)
            if not part:
                raise WireError("the master closed the connection")
            self.buffer += part
        taken = bytes(self.buffer[:size])
        del self.buffer[:size]
        return taken

    def receive(self):
        """Returns (type, members, payload) of the next message that is no ping."""
        end = time.monotonic() + self.patience
        while True:
            header_size, payload_size = PREFIX.unpack(self.read_exactly(PREFIX.size))
            members = json.loads(self.read_exactly(header_size))
            payload = self.read_exactly(payload_size)
            kind = members.pop("type")
            if kind == "error":
                raise WireError(members["message"])
            if kind != "ping":
                return kind, members, payload
            if time.monotonic() > end:
                raise WireError(f"nothing but pings came for {self.patience} s")

    def next(self):
        """As receive(), but first what came while an answer was waited for."""
        return self.waiting.popleft() if self.waiting else self.receive()

    def next_of(self, wanted):
        """The next message of that kind; others are passed over."""
        while True:
            message = self.next()
            if message[0] == wanted:
                return message

    def request(self, kind, **members):
        """Sends a request and returns its answer; what else comes meanwhile is kept for next()."""
        self.serial += 1
        serial = self.serial
        self.send(kind, serial=serial, **members)
        while True:
            message = self.receive()
            if message[1].get("serial") != serial:
                self.waiting.append(message)
            elif message[0] == "failed":
                raise WireError(message[1]["message"], message[1]["code"])
            else:
                return message

    def submit(self, spec, tasks, blobs=(), number=None):
        """Submits a job and returns its number; `blobs` are the bytes of its files and inputs."""
        number = number or secrets.token_hex(16)
        kind, members, _ = self.request("submit-begin", submission=number, spec=spec)
        if kind == "submitted":
            return members["job"]
        by_digest = {hashlib.sha256(blob).hexdigest(): blob for blob in blobs}
        for digest in members.get("blobs") or []:
            blob = by_digest[digest]
            self.send("put", payload=blob, blob=digest, offset=0, total=len(blob))
        for first in range(0, len(tasks), TASKS_PER_PART):
            self.send("submit-part", submission=number, first=first,
                      tasks=tasks[first:first + TASKS_PER_PART])
        return self.request("submit-commit", submission=number, tasks=len(tasks))[1]["job"]

    def follow(self, job, output=False):
        """Follows a job to its end: returns its results by task, and the output of each task."""
        _, answer, _ = self.request("follow", job=job, output=output)
        results = {result["task"]: result for result in answer.get("results") or []}
        streams = collections.defaultdict(bytes)
        while True:
            kind, members, payload = self.next()
            if kind == "results":
                results |= {result["task"]: result for result in members["results"]
                            if result["job"] == job}
            elif kind == "output" and members["job"] == job:
                streams[members["task"], members["stream"]] += payload
                self.send("output-ack", job=job, task=members["task"], attempt=members["attempt"],
                          stream=members["stream"], offset=members["offset"] + len(payload))
            elif kind == "job-finished" and members["info"]["job"] == job:
                return results, streams


def commands(name="commands", **members):
    """The spec of a job of commands."""
    return {"kind": "commands", "name": name, **members}


def program(name, language, text, **members):
    """The spec of a program of one file, and its blob."""
    blob = text.encode()
    file = {"name": name, "blob": hashlib.sha256(blob).hexdigest(), "size": len(blob)}
    return {"kind": "program", "name": name, "language": language, "main": name, "files": [file],
            **members}, blob
