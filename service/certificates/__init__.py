"""Certificates and documents of a case: rendering them as PDF. Rules and rendering know no database."""

from service.certificates.amount import amount_in_words
from service.certificates.document import DocumentData, PaymentDue, Remedy
from service.certificates.rendering import TEMPLATES, render_document, template_for

__all__ = [
    "TEMPLATES",
    "DocumentData",
    "PaymentDue",
    "Remedy",
    "amount_in_words",
    "render_document",
    "template_for",
]
