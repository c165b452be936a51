# A derivation whose builder is part of nixlet and starts no process: `builtin:NAME` (src/realise/builders). Its
# attributes are structured; `extra` is what the value has besides (meta, passthru).
{ lib, system }:
let
  make = builder: attrs: extra:
    lib.extendDerivation true
      (extra.passthru or { } // {
        meta = extra.meta or { } // { name = attrs.name; };
        passthru = extra.passthru or { };
        overrideAttrs = change: make builder (attrs // lib.toFunction change attrs) extra;
      })
      (derivation ({
        inherit system;
        builder = "builtin:${builder}";
        __structuredAttrs = true;
        preferLocalBuild = true;
        allowSubstitutes = false;
      } // attrs));
in
make
