# curl as it is; certificates are found by CURL_CA_BUNDLE, SSL_CERT_FILE or /etc/ssl/certs (cacert in an image).
{ debianPackages, lib }:
let
  curl = debianPackages.curl;
in
curl // { bin = curl; out = curl; dev = debianPackages.libcurl4-openssl-dev; lib = debianPackages.libcurl4; outputs = [ "out" "dev" ]; }
