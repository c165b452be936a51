# Small packages that make an image look to programs like a system: a shell at /bin/sh, env at /usr/bin/env, certificates
# where TLS libraries search for them.
{ lib, builtinDerivation, bash, coreutils, cacert, shadow ? null, runtimeShell, writeScript }:
{
  binSh = builtinDerivation "link-farm" { name = "bin-sh"; links."bin/sh" = "${bash}/bin/bash"; } { };
  usrBinEnv = builtinDerivation "link-farm" { name = "usr-bin-env"; links."usr/bin/env" = "${coreutils}/bin/env"; } { };
  caCertificates = builtinDerivation "link-farm"
    {
      name = "ca-certificates";
      links = lib.genAttrs [ "etc/ssl/certs/ca-bundle.crt" "etc/ssl/certs/ca-certificates.crt" "etc/pki/tls/certs/ca-bundle.crt" ]
        (_: "${cacert}/etc/ssl/certs/ca-bundle.crt");
    }
    { };

  # Shell text for runAsRoot and its like: users and groups, where there are none.
  shadowSetup = ''
    ${lib.optionalString (shadow != null) "export PATH=${shadow}/bin:$PATH"}
    mkdir -p /etc/pam.d
    [ -f /etc/passwd ] || {
      echo "root:x:0:0::/root:${runtimeShell}" >/etc/passwd
      echo "root:!x:::::::" >/etc/shadow
    }
    [ -f /etc/group ] || {
      echo "root:x:0:" >/etc/group
      echo "root:x::" >/etc/gshadow
    }
    [ -f /etc/pam.d/other ] || printf '%s\n' \
      "account sufficient pam_unix.so" "auth sufficient pam_rootok.so" \
      "password requisite pam_unix.so nullok yescrypt" "session required pam_unix.so" >/etc/pam.d/other
    [ -f /etc/login.defs ] || touch /etc/login.defs
  '';

  shellScript = name: text: writeScript name ''
    #!${runtimeShell}
    set -e
    export PATH=${coreutils}/bin:/bin
    ${text}
  '';
}
