# fetchurl: a file from the network, fixed by its hash. Done by a builtin builder; only `postFetch`, which is a command
# about what was downloaded, needs a process (and network in the sandbox, which a fixed output has).
{ lib, stdenvNoCC, curl, cacert, gnutar, unzip, gzip, xz, bzip2 }:
lib.makeOverridable (
  { url ? "", urls ? [ ], name ? "", pname ? "", version ? "", executable ? false, recursiveHash ? false, postFetch ? "", downloadToTemp ? false
  , outputHash ? "", outputHashAlgo ? "", hash ? null, sha256 ? "", sha512 ? "", sha1 ? "", md5 ? "", curlOpts ? "", curlOptsList ? [ ]
  , meta ? { }, passthru ? { }, preferLocalBuild ? true, nativeBuildInputs ? [ ], netrcPhase ? null, netrcImpureEnvVars ? [ ]
  , showURLs ? false, postUnpack ? "", derivationArgs ? { }
  }@args:
  let
    urls' = if urls != [ ] then urls else if builtins.isList url then url else [ url ];
    first = lib.head urls';
    name' =
      if name != "" then name
      else if pname != "" then "${pname}-${version}"
      else baseNameOf (lib.head (lib.splitString "?" (toString first)));
    fixed = lib.fetchers.normalizeHash { } (lib.filterAttrs (_: value: value != "" && value != null)
      { inherit outputHash outputHashAlgo hash sha256 sha512 sha1 md5; } // lib.optionalAttrs (args ? hash && hash == "") { hash = ""; });
    output = {
      outputHashMode = if recursiveHash || executable then "recursive" else "flat";
      inherit (fixed) outputHash;
      outputHashAlgo = if fixed.outputHashAlgo == "" then null else fixed.outputHashAlgo;
      impureEnvVars = lib.fetchers.proxyImpureEnvVars ++ netrcImpureEnvVars;
      inherit preferLocalBuild;
    };
    simple = postFetch == "" && curlOpts == "" && curlOptsList == [ ] && netrcPhase == null && (!recursiveHash || executable);
    drv =
      if simple then
        derivation (lib.filterAttrs (_: value: value != null) (output // {
          name = name';
          system = "builtin";
          builder = "builtin:fetchurl";
          url = first;
          urls = urls';
          inherit executable;
          unpack = false;
        }))
      else
        stdenvNoCC.mkDerivation (output // derivationArgs // {
          name = name';
          urls = urls';
          inherit postFetch downloadToTemp executable curlOpts curlOptsList;
          nativeBuildInputs = [ curl ] ++ nativeBuildInputs;
          SSL_CERT_FILE = "${cacert}/etc/ssl/certs/ca-bundle.crt";
          buildCommand = ''
            downloadedFile=$out
            if [ -n "$downloadToTemp" ]; then downloadedFile=$TMPDIR/file; fi
            fetched=
            for url in $urls; do
              echo "trying $url"
              if curl --location --max-redirs 20 --retry 3 --fail --no-progress-meter $curlOpts $curlOptsList --output "$downloadedFile" "$url"; then
                fetched=1
                break
              fi
            done
            if [ -z "$fetched" ]; then
              echo "cannot download $name from any mirror" >&2
              exit 1
            fi
            if [ -n "$executable" ]; then chmod +x "$downloadedFile"; fi
            eval "$postFetch"
          '';
        });
  in
  lib.extendDerivation true ({ inherit meta; passthru = passthru // { url = first; }; url = first; urls = urls'; } // passthru) drv)
