"""A certificate authority for one test session, and the good and bad certificates it signs."""

import datetime
import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A server's certificate and key in files."""

    cert_file: Path
    key_file: Path
    expires_at: datetime.datetime

    def server_context(self) -> ssl.SSLContext:
        """Prepare the server's side of TLS."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.cert_file, self.key_file)
        return context


class Authority:
    """Signs certificates; a client that trusts ``ca_file`` accepts `good` and refuses the others.

    ``now`` is the instant that the certificates are good or expired at.
    """

    def __init__(self, folder: Path, now: datetime.datetime) -> None:
        folder.mkdir(parents=True)
        self._folder = folder
        self._now = now
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("ontui test authority")
        self.ca_file = folder / "authority.pem"
        basic = x509.BasicConstraints(ca=True, path_length=None)
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        builder = self._builder(self._name, self._key.public_key(), -1, 365)
        own = builder.add_extension(basic, True).add_extension(usage, True).sign(self._key, hashes.SHA256())
        self.ca_file.write_bytes(own.public_bytes(serialization.Encoding.PEM))
        self.good = self.issue("good")
        self.expired = self.issue("expired", days=-2)
        self.wrong_host = self.issue("wrong-host", hosts=("elsewhere.example",))

    def issue(self, name: str, *, hosts: tuple[str, ...] = ("127.0.0.1", "localhost"), days: float = 90) -> Certificate:
        """Sign a certificate for ``hosts`` that expires ``days`` from now (negative: has expired)."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(_name(name), key.public_key(), min(-1, days - 30), days)
        names = x509.SubjectAlternativeName([_general_name(host) for host in hosts])
        signed = builder.add_extension(names, False).sign(self._key, hashes.SHA256())
        made = Certificate(self._folder / f"{name}.pem", self._folder / f"{name}.key", signed.not_valid_after_utc)
        made.cert_file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        made.key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return made

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, from_days: float, until_days: float
    ) -> x509.CertificateBuilder:
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now + from_days * _DAY)
            .not_valid_after(self._now + until_days * _DAY)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), False)
            .add_extension(authority, False)
        )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
