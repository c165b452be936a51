pypaInstallPhase() {
  runHook preInstall
  mkdir -p "$out/@sitePackages@"
  local wheels=() file
  for file in dist/*.whl *.whl; do
    if [ -e "$file" ]; then wheels+=("$file"); fi
  done
  # format = "wheel": the source is one.
  if [ ${#wheels[@]} = 0 ] && [[ ${src:-} == *.whl ]]; then
    cp "$src" "./$(stripHash "$src")"
    wheels=(./*.whl)
  fi
  if [ ${#wheels[@]} = 0 ]; then
    echo "there is no wheel to install" >&2
    exit 1
  fi
  echo "Installing ${wheels[*]}"
  @python@ @installWheel@ "$out" "@sitePackages@" "@python@" "${wheels[@]}"
  # Compiled modules in which nothing depends on time.
  if [ -n "$(find "$out/@sitePackages@" -name '*.py' -print -quit)" ]; then
    @python@ -m compileall -q --invalidation-mode unchecked-hash "$out/@sitePackages@" || true
  fi
  rmdir "$out/@sitePackages@" 2>/dev/null || true
  runHook postInstall
}

if [ -z "${dontUsePypaInstall:-}" ] && [ -z "${installPhase:-}" ]; then
  installPhase=pypaInstallPhase
fi
