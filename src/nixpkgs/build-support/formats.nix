# pkgs.formats: configuration files out of Nix values. They are written at evaluation, so that no process is needed.
{ lib, writeText }:
let
  file = toText: { ... }@options: {
    generate = name: value: writeText name (toText options value);
    type = lib.id;
  };

  # TOML 1.0: plain values of a table come before its sub-tables.
  toTOML =
    let
      key = name: if builtins.match "[A-Za-z0-9_-]+" name != null then name else builtins.toJSON name;
      inline = value:
        if builtins.isAttrs value && !lib.isDerivation value
        then "{ ${lib.concatStringsSep ", " (lib.mapAttrsToList (name: one: "${key name} = ${inline one}") value)} }"
        else if builtins.isList value then "[${lib.concatMapStringsSep ", " inline value}]"
        else if builtins.isFloat value then lib.strings.floatToString value
        else if value == null then throw "formats.toml: null cannot be written in TOML"
        else builtins.toJSON value;
      isTable = value: builtins.isAttrs value && !lib.isDerivation value;
      isTables = value: builtins.isList value && value != [ ] && lib.all isTable value;
      table = path: set:
        let
          plain = lib.filterAttrs (_: value: !isTable value && !isTables value) set;
          header = open: name: close: "\n${open}${lib.concatMapStringsSep "." key (path ++ [ name ])}${close}\n";
        in
        lib.concatStrings (lib.mapAttrsToList (name: value: "${key name} = ${inline value}\n") plain)
        + lib.concatStrings (lib.mapAttrsToList
          (name: value:
            if isTable value then header "[" name "]" + table (path ++ [ name ]) value
            else lib.optionalString (isTables value) (lib.concatMapStrings (one: header "[[" name "]]" + table (path ++ [ name ]) one) value))
          set);
    in
    set: lib.removePrefix "\n" (table [ ] set);
in
{
  json = file (_: value: builtins.toJSON value + "\n");
  # Every JSON text is a YAML text.
  yaml = file (_: value: builtins.toJSON value + "\n");
  ini = file (options: lib.generators.toINI (removeAttrs options [ "listToValue" ]));
  iniWithGlobalSection = file (options: lib.generators.toINIWithGlobalSection (removeAttrs options [ "listToValue" ]));
  keyValue = file lib.generators.toKeyValue;
  gitIni = file (_: lib.generators.toGitINI);
  toml = file (_: toTOML);
}
