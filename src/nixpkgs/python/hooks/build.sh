pypaBuildPhase() {
  runHook preBuild
  echo "Creating a wheel..."
  @python@ @buildWheel@ dist
  runHook postBuild
}

if [ -z "${dontUsePypaBuild:-}" ] && [ -z "${buildPhase:-}" ]; then
  buildPhase=pypaBuildPhase
fi
