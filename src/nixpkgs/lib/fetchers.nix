# What fetchers share: the environment that lets them through proxies, placeholders for hashes, the spellings of a hash.
{ lib }:
rec {
  proxyImpureEnvVars = [ "http_proxy" "https_proxy" "ftp_proxy" "all_proxy" "no_proxy" "HTTP_PROXY" "HTTPS_PROXY" "FTP_PROXY" "ALL_PROXY" "NO_PROXY" "NIX_SSL_CERT_FILE" ];
  fakeHash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  fakeSha256 = lib.replicateString 64 "0";
  fakeSha512 = lib.replicateString 128 "0";

  # { hash } or { sha256 }, { sha512 }, ... or { outputHash, outputHashAlgo } -> the last.
  normalizeHash = { hashTypes ? [ "sha256" "sha512" "sha1" "md5" ], required ? true }: args:
    let
      typed = builtins.filter (type: args.${type} or "" != "") hashTypes;
      # An empty hash is nixpkgs' way to say "tell me": the build fails and names the right one.
      given = args.hash or null != null;
    in
    if args.outputHash or "" != "" then { inherit (args) outputHash; outputHashAlgo = args.outputHashAlgo or null; }
    else if typed != [ ] then { outputHash = args.${builtins.head typed}; outputHashAlgo = builtins.head typed; }
    else if given || builtins.any (type: args ? ${type}) hashTypes then
      (if args.hash or "" == "" then { outputHash = lib.warn "found empty hash, assuming '${fakeHash}'" fakeHash; outputHashAlgo = null; }
      else { outputHash = args.hash; outputHashAlgo = null; })
    else if required then throw "fetcher called without `hash`"
    else { };
}
