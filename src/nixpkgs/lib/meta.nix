# What a package says about itself.
{ lib }:
rec {
  addMetaAttrs = attrs: drv: drv // { meta = (drv.meta or { }) // attrs; };
  dontDistribute = addMetaAttrs { hydraPlatforms = [ ]; };
  setName = name: drv: drv // { inherit name; };
  updateName = f: drv: drv // { name = f drv.name; };
  appendToName = suffix: updateName (name:
    let parsed = builtins.parseDrvName name; in "${parsed.name}-${suffix}${lib.optionalString (parsed.version != "") "-${parsed.version}"}");
  mapDerivationAttrset = f: builtins.mapAttrs (_: value: if lib.isDerivation value then f value else value);
  setPrio = priority: addMetaAttrs { inherit priority; };
  defaultPriority = 5;
  lowPrio = setPrio 10;
  hiPrio = setPrio (-10);
  lowPrioSet = mapDerivationAttrset lowPrio;
  hiPrioSet = mapDerivationAttrset hiPrio;
  platformMatch = platform: pattern:
    if builtins.isString pattern then platform.system or null == pattern else lib.matchAttrs (pattern.parsed or pattern) (platform.parsed or platform);
  availableOn = platform: drv:
    (!(drv ? meta.platforms) || lib.any (platformMatch platform) drv.meta.platforms)
    && lib.all (pattern: !platformMatch platform pattern) (drv.meta.badPlatforms or [ ]);
  licensesSpdx = lib.mapAttrs' (_: license: lib.nameValuePair license.spdxId license) (lib.filterAttrs (_: license: license ? spdxId) lib.licenses);
  getLicenseFromSpdxId = id: getLicenseFromSpdxIdOr id (throw "getLicenseFromSpdxId: no license matches: ${id}");
  getLicenseFromSpdxIdOr = id: default:
    let wanted = lib.toLower id; in
    lib.findFirst (license: lib.toLower (license.spdxId or "") == wanted) default (lib.attrValues lib.licenses);
  getExe = drv: getExe' drv (drv.meta.mainProgram or (lib.getName drv));
  getExe' = drv: program:
    assert lib.assertMsg (lib.isDerivation drv) "lib.meta.getExe': the first argument is of type ${builtins.typeOf drv}, but it should be a derivation instead.";
    assert lib.assertMsg (builtins.isString program && builtins.match ".*/.*" program == null) "lib.meta.getExe': the second argument must be a program's name, without a directory.";
    "${lib.getBin drv}/bin/${program}";
}
