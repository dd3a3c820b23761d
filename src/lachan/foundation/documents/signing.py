"""A detached signature over a document's bytes: who holds the public key can prove it unchanged."""

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from lachan.foundation.base import NotAllowed
from lachan.foundation.documents.model import DocumentReason

# Separates these signatures from any other use of the same key (messages, checkpoints of the trail).
_PURPOSE = b"lachan document signature v1\n"


@dataclass(frozen=True, slots=True)
class DocumentSignature:
    """`sha256` of the bytes in hexadecimal, `signature` (ed25519) in base64, `key_id` names the public key."""

    sha256: str
    signature: str
    key_id: str


def sign_document(pdf: bytes, key: Ed25519PrivateKey) -> DocumentSignature:
    """Sign the bytes of a document."""
    digest = hashlib.sha256(pdf).digest()
    signature = base64.b64encode(key.sign(_PURPOSE + digest)).decode()
    return DocumentSignature(digest.hex(), signature, key_id(key.public_key()))


def verify_document(pdf: bytes, signature: DocumentSignature, key: Ed25519PublicKey) -> None:
    """Return if these bytes are what the holder of the key signed.

    Raises:
        NotAllowed: `document_key_differs`, `document_changed`, `document_signature_bad`, in that order.
    """
    if signature.key_id != key_id(key):
        raise NotAllowed(DocumentReason.OTHER_KEY, field="key_id")
    digest = hashlib.sha256(pdf).digest()
    if signature.sha256 != digest.hex():
        raise NotAllowed(DocumentReason.CHANGED, field="sha256")
    try:
        key.verify(base64.b64decode(signature.signature, validate=True), _PURPOSE + digest)
    except (InvalidSignature, binascii.Error, ValueError) as error:
        raise NotAllowed(DocumentReason.BAD_SIGNATURE, field="signature") from error


def key_id(key: Ed25519PublicKey) -> str:
    """Sixteen hexadecimal characters of the SHA-256 of the public key."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]
