"""Until when a server's certificate is valid, read from its DER form, so that an untrusted one can be read too."""

import asyncio
import ssl
from datetime import UTC, datetime

SEQUENCE, EXPLICIT_0, UTC_TIME, GENERALIZED_TIME = 0x30, 0xA0, 0x17, 0x18


def not_after(der: bytes) -> float | None:
    """The end of validity in seconds since the epoch (RFC 5280, 4.1); None for what is no certificate."""
    try:
        _, certificate, _ = _element(der, 0)
        _, tbs, _ = _element(certificate, 0)
        at = 0
        tag, _, after = _element(tbs, at)
        if tag == EXPLICIT_0:  # the version, absent in version 1
            at = after
        for _ in ("serial", "signature", "issuer"):
            _, _, at = _element(tbs, at)
        tag, validity, _ = _element(tbs, at)
        if tag != SEQUENCE:
            return None
        _, _, at = _element(validity, 0)
        tag, text, _ = _element(validity, at)
        return _instant(tag, text.decode("ascii"))
    except (IndexError, ValueError, OverflowError):
        return None


def _element(data: bytes, at: int) -> tuple[int, bytes, int]:
    """Tag, content and end of the DER element at `at`."""
    tag, length, start = data[at], data[at + 1], at + 2
    if length & 0x80:
        octets = length & 0x7F
        length, start = int.from_bytes(data[start : start + octets], "big"), start + octets
    if start + length > len(data):
        raise ValueError("cut short")
    return tag, data[start : start + length], start + length


def _instant(tag: int, text: str) -> float | None:
    if tag == UTC_TIME:  # two digits of the year; 50 is 1950
        text = ("19" if text[:2] >= "50" else "20") + text
    elif tag != GENERALIZED_TIME:
        return None
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC).timestamp()


async def presented(host: str, port: int, trusting: ssl.SSLContext) -> float | None:
    """Shake hands believing anything, only to see until when the certificate is valid; sends nothing."""
    try:
        _, writer = await asyncio.open_connection(host, port, ssl=trusting, server_hostname=host)
    except (OSError, ssl.SSLError):
        return None
    try:
        tls = writer.get_extra_info("ssl_object")
        der = tls.getpeercert(binary_form=True) if tls is not None else None
    finally:
        writer.transport.abort()
    return not_after(der) if der else None
