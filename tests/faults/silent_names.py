"""A world of its own, made by `unshare`, whose name server never answers: prepares it and becomes the program in it.

`python silent_names.py PORT LOG PROGRAM …`: a healthy endpoint listens on PORT there and writes the instant of each
request to LOG. Run by its path, so that nothing of the project is imported before the program itself.
"""

import array
import ctypes
import fcntl
import http.server
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

UNSHARE = ("unshare", "--user", "--map-root-user", "--mount", "--net")
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
PR_SET_PDEATHSIG = 1


class Healthy(http.server.BaseHTTPRequestHandler):
    """Answers 200 and notes when."""

    log = Path()

    def do_GET(self) -> None:
        """`{"status": "ok"}`."""
        with self.log.open("a") as file:
            file.write(f"{time.time():.3f}\n")
        body = b'{"status": "ok"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Nothing on the terminal."""


def begin_loopback() -> None:
    """Let the new network talk to itself."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = array.array("b", struct.pack("16sh14x", b"lo", 0))
        fcntl.ioctl(any_socket, SIOCGIFFLAGS, request)
        (flags,) = struct.unpack_from("h", request, 16)
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | IFF_UP))


def main() -> None:
    """Bring the network up, name a server that is deaf, serve, and become the program."""
    port, log, *program = sys.argv[1:]
    begin_loopback()
    with tempfile.NamedTemporaryFile("w", prefix="resolv-") as file:
        file.write("nameserver 127.0.0.1\noptions timeout:10 attempts:3\n")
        file.flush()
        subprocess.run(["mount", "--bind", file.name, "/etc/resolv.conf"], check=True)
    names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    names.bind(("127.0.0.1", 53))  # bound and never read: a question is neither answered nor refused
    Healthy.log = Path(log)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Healthy)
    if os.fork() == 0:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # with the program
        server.serve_forever()
    os.set_inheritable(names.fileno(), True)
    server.socket.close()
    os.execv(program[0], program)  # noqa: S606 — the program under test


if __name__ == "__main__":
    main()
