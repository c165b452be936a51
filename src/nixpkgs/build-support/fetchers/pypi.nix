# fetchPypi: a release file of the Python Package Index.
{ lib, fetchurl }:
let
  computeUrl = { format ? "setuptools", ... }@args:
    (if format == "wheel" then wheelUrl else if format == "setuptools" || format == "pyproject" then sourceUrl else throw "Unsupported format ${format}")
      (removeAttrs args [ "format" ]);
  wheelUrl = { pname, version, dist ? "py2.py3", python ? "py2.py3", abi ? "none", platform ? "any" }:
    "https://files.pythonhosted.org/packages/${dist}/${lib.substring 0 1 pname}/${pname}/${pname}-${version}-${python}-${abi}-${platform}.whl";
  sourceUrl = { pname, version, extension ? "tar.gz" }:
    "mirror://pypi/${lib.substring 0 1 pname}/${pname}/${pname}-${version}.${extension}";
in
lib.makeOverridable ({ format ? "setuptools", sha256 ? "", hash ? "", pname, version, ... }@args:
fetchurl ({ url = computeUrl (removeAttrs args [ "sha256" "hash" ]); }
  // lib.optionalAttrs (hash != "") { inherit hash; } // lib.optionalAttrs (sha256 != "") { inherit sha256; }))
