"""Certificates and documents of a case: rendering them as PDF. Rules and rendering know no database."""

from service.certificates.amount import amount_in_words
from service.certificates.document import PROOFS, DocumentData, PaymentDue, Remedy
from service.certificates.rendering import TEMPLATES, Rendered, render_document, template_for
from service.certificates.signature import signature_digest
from service.certificates.standing import STANDINGS, STORED, Term, standing_on, term_of
from service.certificates.wording import day_in_words

__all__ = [
    "PROOFS",
    "STANDINGS",
    "STORED",
    "TEMPLATES",
    "DocumentData",
    "PaymentDue",
    "Remedy",
    "Rendered",
    "Term",
    "amount_in_words",
    "day_in_words",
    "render_document",
    "signature_digest",
    "standing_on",
    "template_for",
    "term_of",
]
