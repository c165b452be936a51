# git starts programs by name (sed, cat, ... in its shell scripts) and looks for its own at a compiled-in place.
{ debianPackages, lib, builtinDerivation, coreutils, gnused, gnugrep, dash, cacert }:
let
  git = debianPackages.git;
  wrapper = program: ''
    #!${dash}/bin/dash
    export GIT_EXEC_PATH=''${GIT_EXEC_PATH:-${git}/lib/git-core}
    export GIT_TEMPLATE_DIR=''${GIT_TEMPLATE_DIR:-${git}/share/git-core/templates}
    export GITPERLLIB=''${GITPERLLIB:-${git}/share/perl5:${debianPackages.liberror-perl}/share/perl5}
    [ -e "''${GIT_SSL_CAINFO:-''${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}}" ] || export GIT_SSL_CAINFO=${cacert}/etc/ssl/certs/ca-bundle.crt
    export PATH=''${PATH:+$PATH:}${lib.makeBinPath [ git coreutils gnused gnugrep ]}
    exec ${git}/bin/${program} "$@"
  '';
in
builtinDerivation "symlink-tree"
{
  name = "git-${git.version}";
  paths = [ git ];
  files = lib.genAttrs [ "bin/git" "bin/git-shell" "bin/scalar" ] (path: { text = wrapper (baseNameOf path); executable = true; });
}
{
  passthru = { inherit (git) version debian; pname = "git"; unwrapped = git; };
  meta = git.meta // { mainProgram = "git"; };
}
