"""Contratempo: a contract-testing mock server for APIs that schedule future communications."""

__version__ = "0.1.0"
