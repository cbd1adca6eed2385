"""A proxy between an application under test and a deployment: passes everything on, and judges what goes by."""

from contratempo.conformance.proxy.proxy import Between, Proxy
from contratempo.conformance.proxy.recording import Recording

__all__ = ["Between", "Proxy", "Recording"]
