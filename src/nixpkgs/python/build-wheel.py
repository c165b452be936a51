"""Builds a wheel of the source in the current directory into the directory given, through PEP 517."""
import importlib
import os
import sys
import tomllib

directory = os.path.abspath(sys.argv[1])
os.makedirs(directory, exist_ok=True)
build_system = {}
if os.path.exists("pyproject.toml"):
    with open("pyproject.toml", "rb") as file:
        build_system = tomllib.load(file).get("build-system", {})

# Without a [build-system] the source is one of setuptools' old kind, which may import what lies beside setup.py.
backend = build_system.get("build-backend", "setuptools.build_meta:__legacy__")
sys.path[:0] = [os.path.abspath(path) for path in build_system.get("backend-path", [])]
module, _, attributes = backend.partition(":")
try:
    hooks = importlib.import_module(module)
except ImportError as error:
    sys.exit(
        f"the build backend '{backend}' of this source cannot be imported ({error}); "
        f"its packages belong in build-system = [ ... ]: {', '.join(build_system.get('requires', []))}"
    )
for attribute in filter(None, attributes.split(".")):
    hooks = getattr(hooks, attribute)
sys.argv = ["build"]
print("built", hooks.build_wheel(directory, {}))
