"""What the network did to a request, in words for people: the same whatever protocol is spoken over it."""

import errno
import re
import socket
import ssl
from collections.abc import Iterator

from ontui.domain.sample import Fault, FaultKind
from ontui.domain.text import one_line

_CERTIFICATE = {
    9: "the certificate is not yet valid (or the clock here is wrong)",
    10: "the certificate has expired",
    18: "the certificate is self-signed by an unknown CA",
    19: "the certificate is signed by an unknown CA",
    20: "the certificate is signed by an unknown CA",
    21: "the certificate is signed by an unknown CA",
    23: "the certificate is revoked",
    62: "the certificate is for another host",
    64: "the certificate is for another host",
}
"""OpenSSL's verification codes (x509_vfy.h) that people meet."""
_OS = {
    errno.ECONNREFUSED: (FaultKind.REFUSED, "connection refused"),
    errno.EHOSTUNREACH: (FaultKind.UNREACHABLE, "no route to host"),
    errno.ENETUNREACH: (FaultKind.UNREACHABLE, "network unreachable"),
    errno.ECONNRESET: (FaultKind.LOST, "connection reset"),
    errno.EPIPE: (FaultKind.LOST, "connection reset"),
    errno.ETIMEDOUT: (FaultKind.TIMEOUT, "no answer to the connection attempt"),
    errno.EMFILE: (FaultKind.BUG, "too many open files here"),
    errno.ENFILE: (FaultKind.BUG, "too many open files here"),
}


def network_fault(error: BaseException) -> Fault | None:
    """The failure of the network, of DNS or of TLS that is behind an exception; None when it is something else."""
    for cause in _causes(error):
        match cause:
            case ssl.SSLCertVerificationError():
                return Fault(FaultKind.TLS, _CERTIFICATE.get(cause.verify_code, one_line(cause.verify_message)))
            case ssl.SSLError():
                return Fault(FaultKind.TLS, _tls_words(cause))
            case socket.gaierror():
                return Fault(FaultKind.DNS, one_line(f"name look-up failed: {cause.strerror or cause}"))
            case OSError() if (number := _number(cause)) in _OS:
                return Fault(*_OS[number])
            case UnicodeError():
                return Fault(FaultKind.CONFIG, "the host name is not a valid one")
    return None


def _number(error: OSError) -> int:
    """Its errno; the first of several attempts that asyncio made one error of, whose text alone tells them."""
    first = re.search(r"\[Errno (\d+)\]", str(error))
    return error.errno or (int(first[1]) if first else 0)


def _tls_words(error: ssl.SSLError) -> str:
    reason = (error.reason or "").upper()
    if reason in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG"):
        return "the server does not speak TLS on this port"
    if "CERTIFICATE_REQUIRED" in reason or "HANDSHAKE_FAILURE" in reason:
        return "TLS handshake refused (does the server want a client certificate?)"
    return one_line(f"TLS: {reason.replace('_', ' ').lower() or error}")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all it came from, nearest first; several connection attempts come as a group."""
    queue, seen = [error], set[int]()
    while queue:
        current = queue.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        if isinstance(current, BaseExceptionGroup):
            queue += current.exceptions
        queue += [e for e in (current.__cause__, current.__context__) if e is not None]
