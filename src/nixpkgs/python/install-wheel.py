"""install-wheel.py PREFIX SITE_PACKAGES PYTHON WHEEL...: installs wheels under a prefix."""
import sys

from installer import install
from installer.destinations import SchemeDictionaryDestination
from installer.sources import WheelFile

prefix, site_packages, python, *wheels = sys.argv[1:]
destination = SchemeDictionaryDestination(
    {
        "purelib": f"{prefix}/{site_packages}",
        "platlib": f"{prefix}/{site_packages}",
        "headers": f"{prefix}/include",
        "scripts": f"{prefix}/bin",
        "data": prefix,
    },
    interpreter=python,
    script_kind="posix",
)
for path in wheels:
    with WheelFile.open(path) as source:
        install(source=source, destination=destination, additional_metadata={"INSTALLER": b"nixlet"})
