/** Nix in the manner of package sets, for edits to break: each uses much of the syntax in a small space. */
export const snippets: readonly string[] = [
  `{ lib, stdenv, fetch ? (x: x), zlib ? null, enableDocs ? false, ... }@args:
let
  inherit (lib) optional optionals concatMapStringsSep;
  version = "1.2.3";
  flags = optionals enableDocs [ "--enable-docs" "--prefix=\${placeholder "out"}" ];
in
assert zlib != null -> version != "";
stdenv.mkDerivation rec {
  pname = "hello";
  inherit version;
  src = fetch { url = "mirror://gnu/\${pname}-\${version}.tar.gz"; sha256 = "0ssi1wpaf7plaswqqjwigppsg5fyh99vdlb9kzl7c9lng89ndq1i"; };
  buildInputs = optional (zlib != null) zlib ++ [ args.extra or null ];
  configureFlags = flags;
  postInstall = ''
    mkdir -p $out/share
    for f in *.txt; do
      cp "$f" ''\${out}/share
    done
    echo "\${concatMapStringsSep ", " (f: "<\${f}>") flags}" > $out/flags
  '';
  meta = with lib; { description = "A program"; license = licenses.gpl3Plus; platforms = platforms.all; };
}`,
  `let
  fix = f: let x = f x; in x;
  extends = f: rattrs: self: let super = rattrs self; in super // f self super;
  base = self: { a = 1; b = self.a + 1; list = map (n: n * self.b) [ 1 2 3 ]; };
  overlay = self: super: { a = super.a + 10; c = "\${toString self.b}-\${toString super.b}"; };
in fix (extends overlay base)`,
  `rec {
  id = x: x;
  const = x: _: x;
  pipe = val: functions: builtins.foldl' (x: f: f x) val functions;
  range = first: last: if first > last then [ ] else builtins.genList (n: first + n) (last - first + 1);
  importTree = dir: builtins.mapAttrs (name: type: if type == "directory" then importTree (dir + "/\${name}") else dir + "/\${name}") (builtins.readDir dir);
  result = pipe 5 [ (range 1) (map (x: x * x)) (builtins.foldl' builtins.add 0) ];
  "odd name".nested.\${"dyn" + "amic"} = { inherit id; };
  check = { } ? a.b.c || !({ a = 1; } ? a) && 1 < 2 -> [ ] ++ [ 1 ] == [ 1 ];
}`,
  `{ config ? { }, pkgs ? { }, lib ? { }, ... }:
with builtins;
{
  options.services.web = {
    enable = lib.mkEnableOption or (x: x) "the web server";
    port = { type = "int"; default = 8080; };
  };
  config = if config.services.web.enable or false then {
    systemd.services.web = {
      wantedBy = [ "multi-user.target" ];
      serviceConfig.ExecStart = "\${pkgs.web or "/bin/web"}/bin/web --port \${toString config.services.web.port or 80}";
    };
    environment.etc."web/config.json".text = toJSON { a = [ 1 2.5 null true ]; b."c d" = ''x\${"y"}z''; };
  } else { };
}`,
  `# a parser of flags
let
  /* words of a line */
  words = s: filter (w: isString w && w != "") (split "[[:space:]]+" s);
  inherit (builtins) filter isString split match elemAt listToAttrs head;
  pair = w: let m = match "--([a-z-]+)=(.*)" w; in if m == null then { name = w; value = true; } else { name = elemAt m 0; value = elemAt m 1; };
in listToAttrs (map pair (words "--prefix=/usr --enable-x  --with-y=a=b"))`,
  `let
  systems = [ "x86_64-linux" "aarch64-linux" ];
  forAll = f: builtins.listToAttrs (map (system: { name = system; value = f system; }) systems);
  drv = system: derivation { name = "demo-\${system}"; inherit system; builder = "/bin/sh"; args = [ "-c" "echo > $out" ]; outputs = [ "out" "dev" ]; };
in { packages = forAll (s: { default = drv s; dev = (drv s).dev.outPath; }); path = ./. + "/x"; home = ~/x; search = <nixpkgs/lib>; url = https://example.org/x; f = { a ? 1, b ? a + 1 }@x: b; }`,
  `let x = { outPath = "/a"; __toString = self: "s"; }; y.__functor = self: n: n + 1; in
[ "\${x}" (y 1) (-1) (- 2 - -3) (1 - 1) [ (a: a) ] (if true then 1 else 2) (x.z or y.z or 3) { inherit x; inherit (x) outPath; } (let { body = 1; }) ./a/\${"b"}.nix ../c ''
  \t tab
  ''${'$'}{x} '''quotes''' ''\\n \${"''"}
'' "\\\${x} $\${x} \\" \\n" 1.5e3 .5 007 ]`,
];
