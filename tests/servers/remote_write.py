"""Prometheus' remote-write message by hand: protobuf in a snappy frame that compresses nothing."""

import struct
from collections.abc import Iterable, Mapping


def message(series: Iterable[tuple[Mapping[str, str], Iterable[tuple[float, float]]]]) -> bytes:
    """Pack (labels including `__name__`, (unix seconds, value) pairs) as the body of a write request."""
    packed = b"".join(_field(1, _time_series(labels, samples)) for labels, samples in series)
    return _snappy(packed)


def _time_series(labels: Mapping[str, str], samples: Iterable[tuple[float, float]]) -> bytes:
    names = b"".join(
        _field(1, _field(1, name.encode()) + _field(2, value.encode())) for name, value in sorted(labels.items())
    )
    values = b"".join(
        _field(2, b"\x09" + struct.pack("<d", value) + b"\x10" + _varint(round(at * 1000))) for at, value in samples
    )
    return names + values


def _field(number: int, content: bytes) -> bytes:
    """A length-delimited protobuf field."""
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _snappy(data: bytes) -> bytes:
    """The snappy block format with literals only: tag 61 means that two bytes of length minus one follow."""
    pieces = [data[start : start + 65536] for start in range(0, len(data), 65536)]
    literals = (bytes([61 << 2]) + struct.pack("<H", len(piece) - 1) + piece for piece in pieces)
    return _varint(len(data)) + b"".join(literals)
