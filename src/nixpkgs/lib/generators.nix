# Configuration files and readable text out of Nix values.
{ lib }:
let
  inherit (builtins) isAttrs isBool isFloat isFunction isInt isList isPath isString;
in
rec {
  mkValueStringDefault = _: value:
    if isInt value then toString value
    else if lib.isDerivation value then toString value
    else if isString value then value
    else if isBool value then lib.boolToString value
    else if value == null then "null"
    else if isFloat value then lib.strings.floatToString value
    else if isPath value then toString value
    else throw "generators.mkValueStringDefault: ${builtins.typeOf value} not supported: ${toPretty { } value}";

  mkKeyValueDefault = { mkValueString ? mkValueStringDefault { } }: separator: key: value:
    "${lib.escape [ separator ] key}${separator}${mkValueString value}";

  toKeyValue = { mkKeyValue ? mkKeyValueDefault { } "=", listsAsDuplicateKeys ? false, indent ? "" }: set:
    let
      lines = key: value:
        if listsAsDuplicateKeys && isList value then map (mkLine key) value else [ (mkLine key value) ];
      mkLine = key: value: indent + mkKeyValue key value + "\n";
    in
    lib.concatStrings (lib.concatLists (lib.mapAttrsToList lines set));

  toINI = { mkSectionName ? name: lib.escape [ "[" "]" ] name, mkKeyValue ? mkKeyValueDefault { } "=", listsAsDuplicateKeys ? false }: set:
    lib.concatStringsSep "\n" (lib.mapAttrsToList
      (name: section: "[${mkSectionName name}]\n" + toKeyValue { inherit mkKeyValue listsAsDuplicateKeys; } section)
      set);
  toINIWithGlobalSection = options: { globalSection, sections ? { } }:
    (if globalSection == { } then "" else toKeyValue (removeAttrs options [ "mkSectionName" ]) globalSection + "\n") + toINI options sections;

  toGitINI = set:
    let
      keyValue = key: value: "\t${key} = ${if isString value then builtins.toJSON value else mkValueStringDefault { } value}";
      flat = path: set:
        let
          plain = lib.filterAttrs (_: value: !isAttrs value) set;
          deeper = lib.filterAttrs (_: isAttrs) set;
          title = if builtins.length path == 1 then builtins.head path
            else "${builtins.head path} ${builtins.toJSON (lib.concatStringsSep "." (builtins.tail path))}";
          lines = lib.concatLists (lib.mapAttrsToList (key: value: map (keyValue key) (lib.toList value)) plain);
        in
        lib.optional (plain != { }) "[${title}]\n${lib.concatStringsSep "\n" lines}\n"
        ++ lib.concatLists (lib.mapAttrsToList (name: flat (path ++ [ name ])) deeper);
    in
    lib.concatStringsSep "\n" (lib.concatLists (lib.mapAttrsToList (name: flat [ name ]) set));

  toJSON = _: builtins.toJSON;
  toYAML = toJSON;
  toDhall = _: throw "lib.generators.toDhall is not in the embedded package set";

  toPlist = _: value:
    let
      node = indent: value:
        let next = "${indent}\t"; in
        if value == null then ""
        else if isBool value then "${indent}<${lib.boolToString value}/>"
        else if isInt value then "${indent}<integer>${toString value}</integer>"
        else if isFloat value then "${indent}<real>${toString value}</real>"
        else if isString value || isPath value then "${indent}<string>${lib.escapeXML (toString value)}</string>"
        else if isList value then "${indent}<array>\n${lib.concatMapStringsSep "\n" (node next) value}\n${indent}</array>"
        else "${indent}<dict>\n${lib.concatStringsSep "\n" (lib.concatLists (lib.mapAttrsToList
          (key: one: lib.optional (one != null) "${next}<key>${lib.escapeXML key}</key>\n${node next one}") value))}\n${indent}</dict>";
    in
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<plist version=\"1.0\">\n${node "" value}\n</plist>";

  # Cuts a value off at a depth.
  withRecursion = { depthLimit, throwOnDepthLimit ? true }:
    let
      go = depth: value:
        if depth > depthLimit then
          (if throwOnDepthLimit then throw "Exceeded maximum eval-depth limit of ${toString depthLimit} while trying to evaluate with `generators.withRecursion'!"
          else if isAttrs value || isList value then "<unevaluated>" else value)
        else if isAttrs value then
          builtins.mapAttrs (name: one: if builtins.elem name [ "__functor" "__functionArgs" "__toString" "__pretty" ] then one else go (depth + 1) one) value
        else if isList value then map (go (depth + 1)) value
        else value;
    in
    go 0;

  # A value as Nix would write it.
  toPretty = { allowPrettyValues ? false, multiline ? true, indent ? "" }:
    let
      go = indent: value:
        let
          next = indent + "  ";
          open = if multiline then "\n${next}" else " ";
          between = if multiline then "\n${next}" else " ";
          close = if multiline then "\n${indent}" else " ";
        in
        if isInt value || isFloat value then (if isFloat value then "~${toString value}" else toString value)
        else if isString value then lib.strings.escapeNixString value
        else if isBool value then lib.boolToString value
        else if value == null then "null"
        else if isPath value then toString value
        else if isList value then
          (if value == [ ] then "[ ]" else "[${open}${lib.concatMapStringsSep between (go next) value}${close}]")
        else if isFunction value then
          let
            args = builtins.functionArgs value;
            shown = lib.concatStringsSep ", " (lib.mapAttrsToList (name: optional: if optional then "${name}?" else name) args);
          in
          if args == { } then "<function>" else "<function, args: {${shown}}>"
        else if allowPrettyValues && value ? __pretty && value ? val then value.__pretty value.val
        else if value == { } then "{ }"
        else if lib.isDerivation value then "<derivation ${value.name or "???"}>"
        else "{${open}${lib.concatStringsSep between (lib.mapAttrsToList
          (name: one: "${lib.strings.escapeNixIdentifier name} = ${go next one};") value)}${close}}";
    in
    go indent;

  toLua = { multiline ? true, asBindings ? false, ... }@options: value:
    let
      key = name: if lib.isValidPosixName name then name else "[${builtins.toJSON name}]";
      fields = indent: lib.mapAttrsToList (name: one: "${key name} = ${go indent one}");
      table = indent: items:
        if items == [ ] then "{}"
        else if multiline then "{\n${indent}  ${lib.concatStringsSep ",\n${indent}  " items}\n${indent}}"
        else "{ ${lib.concatStringsSep ", " items} }";
      go = indent: value:
        if value == null then "nil"
        else if isAttrs value && value._type or null == "lua-inline" then "(${value.expr})"
        else if isList value then table indent (map (go "${indent}  ") value)
        else if isAttrs value && !lib.isDerivation value then table indent (fields "${indent}  " value)
        else if isPath value || lib.isDerivation value then builtins.toJSON (toString value)
        else builtins.toJSON value;
    in
    if asBindings then lib.concatMapStrings (one: one + "\n") (fields "" value) else go "" value;
  mkLuaInline = expr: { _type = "lua-inline"; inherit expr; };
  mkDconfKeyValue = throw "lib.generators.mkDconfKeyValue is not in the embedded package set";
}
