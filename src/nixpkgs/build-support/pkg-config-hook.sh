addPkgConfigPath() {
  local dir
  for dir in "$1"/lib/pkgconfig "$1"/lib/*-linux-gnu*/pkgconfig "$1"/share/pkgconfig; do
    addToSearchPath PKG_CONFIG_PATH "$dir"
  done
}
addEnvHooks "${hostOffset:-0}" addPkgConfigPath
