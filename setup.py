"""The part of the package that pyproject.toml cannot say: its optional C."""

from setuptools import setup

setup(cffi_modules=["sessions/media/dataplane/native_build.py:ffi"])
