"""Walks over the house: every module, imported once."""

import importlib
import pkgutil

import cases
import server
import sessions


def every_module() -> list[str]:
    """Import every module of the house and return their names."""
    names: list[str] = []
    for package in (server, sessions, cases):
        names.append(package.__name__)
        for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if found.name.endswith("__main__") or ".migrations" in found.name:
                continue
            importlib.import_module(found.name)
            names.append(found.name)
    return names
