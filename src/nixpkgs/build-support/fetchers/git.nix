# fetchgit: a revision of a git repository as a tree.
{ lib, stdenvNoCC, git, cacert }:
lib.makeOverridable (
  { url, rev ? "HEAD", tag ? null, name ? lib.sources.urlToName url, hash ? null, sha256 ? "", leaveDotGit ? false, deepClone ? false
  , fetchSubmodules ? true, branchName ? null, sparseCheckout ? [ ], postFetch ? "", preferLocalBuild ? true, passthru ? { }, meta ? { }, ...
  }:
  let
    fixed = lib.fetchers.normalizeHash { } (lib.filterAttrs (_: value: value != "" && value != null) { inherit hash sha256; });
  in
  stdenvNoCC.mkDerivation {
    inherit name url preferLocalBuild passthru meta;
    rev = if tag != null then "refs/tags/${tag}" else rev;
    nativeBuildInputs = [ git ];
    inherit (fixed) outputHash outputHashAlgo;
    outputHashMode = "recursive";
    impureEnvVars = lib.fetchers.proxyImpureEnvVars ++ [ "GIT_PROXY_COMMAND" "SOCKS_SERVER" ];
    GIT_SSL_CAINFO = "${cacert}/etc/ssl/certs/ca-bundle.crt";
    buildCommand = ''
      export HOME=$TMPDIR
      git -c init.defaultBranch=fetchgit init --quiet "$out"
      cd "$out"
      git remote add origin "$url"
      ${lib.optionalString (sparseCheckout != [ ]) "git sparse-checkout set ${lib.escapeShellArgs (lib.toList sparseCheckout)}"}
      git fetch --quiet ${lib.optionalString (!deepClone) "--depth 1"} origin "$rev" || git fetch --quiet origin
      git checkout --quiet ${if branchName == null then "FETCH_HEAD" else "-b ${branchName} FETCH_HEAD"} || git checkout --quiet "$rev"
      ${lib.optionalString fetchSubmodules "git submodule update --init --recursive ${lib.optionalString (!deepClone) "--depth 1"}"}
      ${lib.optionalString (!leaveDotGit) "find . -name .git -print0 | xargs -0 rm -rf"}
      ${postFetch}
    '';
  } // { inherit url rev; })
