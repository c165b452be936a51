# What a derivation of stdenv runs: the set-up, then the phases.
set -e -o pipefail
if [ -f "${NIX_ATTRS_SH_FILE:-/nonexistent}" ]; then
  source "$NIX_ATTRS_SH_FILE"
  for outputName in "${!outputs[@]}"; do export "$outputName=${outputs[$outputName]}"; done
elif [ -f .attrs.sh ]; then
  source .attrs.sh
  for outputName in "${!outputs[@]}"; do export "$outputName=${outputs[$outputName]}"; done
fi
source "$stdenv/setup"
trap exitHandler EXIT
genericBuild
