#!/bin/sh
# Installs the peers that tests compare with, through APT, where that is possible: Debian or a child of it, as root or with
# a sudo that asks nothing. Elsewhere it says what is missing; each test that wants a missing peer is then skipped by name
# (under CI=true it fails instead).
set -eu
peers="nix-instantiate:nix-bin podman:podman runc:runc skopeo:skopeo umoci:umoci patchelf:patchelf curl:curl file:file readelf:binutils debootstrap:debootstrap tmux:tmux"
missing=""
for peer in $peers; do
  command -v "${peer%%:*}" >/dev/null 2>&1 || missing="$missing ${peer##*:}"
done
[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null 2>&1; then
  echo "peers missing, and no APT here to install them:$missing" >&2
  exit 0
fi
if [ "$(id -u)" = 0 ]; then run=""; elif sudo -n true 2>/dev/null; then run="sudo -n"; else
  echo "peers missing, and no right to install them:$missing (as root: apt-get install$missing)" >&2
  exit 0
fi
echo "installing through APT:$missing" >&2
export DEBIAN_FRONTEND=noninteractive
$run apt-get update -qq || echo "apt-get update failed; going on with the lists that are there" >&2
# shellcheck disable=SC2086
$run apt-get install -y -qq $missing >/dev/null || echo "APT could not install all of:$missing" >&2
