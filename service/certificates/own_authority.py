"""A test authority of the county's own, for installations that name no key: made once, in the data folder.

What it signs proves that a document comes from this installation, and nothing to a court: production brings the key and
the chain that a licensed authority has issued (电子签名法 16, 18).
"""

from __future__ import annotations

import os
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509.oid import NameOID

KEY_FILE = "county.p12"
ROOT_FILE = "county-root.pem"
_ROOT_NAME = "明镜测试签章根证书 Mingjing Test Root"
_SIGNER_NAME = "明镜测试电子印章 Mingjing Test Seal"
# Cases of a demo county are older than its first start.
_FROM = datetime(2020, 1, 1, tzinfo=UTC)
_YEARS = timedelta(days=365 * 30)
_RSA_BITS = 2048


def own_key(folder: Path) -> Path:
    """The file with the key and its chain (PKCS#12 without a password, for its owner alone); made if there is none."""
    place = folder / KEY_FILE
    if not place.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        root_key, key = _key(), _key()
        root = _certificate(_ROOT_NAME, root_key, _ROOT_NAME, root_key, is_authority=True)
        leaf = _certificate(_SIGNER_NAME, key, _ROOT_NAME, root_key, is_authority=False)
        bundle = serialize_key_and_certificates(b"county", key, leaf, [root], NoEncryption())
        if _put(place, bundle):
            (folder / ROOT_FILE).write_bytes(root.public_bytes(Encoding.PEM))
    return place


def _put(place: Path, content: bytes) -> bool:
    """Whole or not at all; False if another process was first."""
    staged = place.with_name(f"{secrets.token_hex(8)}.new")
    staged.touch(mode=0o600)
    try:
        staged.write_bytes(content)
        os.link(staged, place)
    except FileExistsError:
        return False
    finally:
        staged.unlink()
    return True


def _key() -> RSAPrivateKey:
    return generate_private_key(65537, _RSA_BITS)


def _certificate(
    name: str, key: RSAPrivateKey, issuer: str, issuer_key: RSAPrivateKey, *, is_authority: bool
) -> x509.Certificate:
    usage = x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=not is_authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )
    built = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_FROM)
        .not_valid_after(_FROM + _YEARS)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=0 if is_authority else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if not is_authority:
        # Signing documents (RFC 9336).
        signing = x509.ExtendedKeyUsage([x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")])
        built = built.add_extension(signing, critical=False)
    return built.sign(issuer_key, SHA256())


def _name(common: str) -> x509.Name:
    parts = ((NameOID.COUNTRY_NAME, "CN"), (NameOID.ORGANIZATION_NAME, "Mingjing"), (NameOID.COMMON_NAME, common))
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])
