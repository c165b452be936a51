# Sources: parts of a directory, chosen by a filter, as one store path. The results are sets that know their filter and
# their origin, so that filters can be put on top of each other and nothing is copied in between.
{ lib }:
let
  inherit (builtins) match;
  versionControl = [ ".git" ".svn" "CVS" ".hg" ".jj" ".pijul" "_darcs" ];
in
rec {
  inherit (lib.filesystem) pathType pathIsDirectory pathIsRegularFile;

  # Leaves out what no build should see: version control, editors' back-ups, objects, `result` links, sockets.
  cleanSourceFilter = path: type:
    let
      name = baseNameOf (toString path);
    in
    !(
      (type == "directory" && builtins.elem name versionControl)
      || (name == ".git" && type == "regular")
      || lib.hasSuffix "~" name
      || match "^\\.sw[a-z]$" name != null
      || match "^\\..*\\.sw[a-z]$" name != null
      || lib.hasSuffix ".o" name
      || lib.hasSuffix ".so" name
      || (type == "symlink" && lib.hasPrefix "result" name)
      || type == "unknown"
    );
  cleanSource = src: cleanSourceWith { filter = cleanSourceFilter; inherit src; };

  cleanSourceWith = { filter ? _: _: true, src, name ? null }:
    let
      origin = toAttributes src;
    in
    fromAttributes {
      inherit (origin) origSrc;
      # The new filter sees only what the one below it lets through.
      filter = path: type: filter path type && origin.filter path type;
      name = if name != null then name else origin.name;
    };
  trace = src:
    let origin = toAttributes src; in
    fromAttributes (origin // {
      filter = path: type:
        let kept = origin.filter path type; in
        builtins.trace "${baseNameOf origin.origSrc}.filter ${path} = ${lib.boolToString kept}" kept;
    });

  toAttributes = src:
    if src ? _isLibCleanSourceWith then { inherit (src) origSrc filter name; }
    else { origSrc = src; filter = _: _: true; name = "source"; };
  fromAttributes = { origSrc, filter, name }: {
    _isLibCleanSourceWith = true;
    inherit origSrc filter name;
    outPath = builtins.path { inherit filter name; path = origSrc; };
  };

  # Any of the regular expressions, against the path below the source.
  sourceByRegex = src: expressions:
    let
      origin = toString (toAttributes src).origSrc + "/";
    in
    cleanSourceWith {
      inherit src;
      filter = path: type:
        let relative = lib.removePrefix origin (toString path); in
        lib.any (expression: match expression relative != null) expressions;
    };
  sourceFilesBySuffices = src: suffixes: cleanSourceWith {
    inherit src;
    filter = name: type: type == "directory" || lib.any (suffix: lib.hasSuffix suffix (baseNameOf name)) suffixes;
  };
  sourceFilesBySuffixes = sourceFilesBySuffices;

  urlToName = url: lib.sanitizeDerivationName (lib.removeSuffix ".git" (baseNameOf (lib.last (lib.splitString ":" (baseNameOf (toString url))))));
  shortRev = revision: if match "[a-f0-9]+" revision != null then builtins.substring 0 7 revision else revision;
  revOrTag = rev: tag: if tag != null then tag else if rev != null then rev else "HEAD";

  pathIsGitRepo = path: !(commitIdFromGitRepoOrError path ? error);
  commitIdFromGitRepo = path: let found = commitIdFromGitRepoOrError path; in found.value or (throw found.error);
  commitIdFromGitRepoOrError = path:
    let
      head = path + "/HEAD";
      text = lib.fileContents head;
      reference = match "ref: (.*)" text;
      file = path + "/${builtins.head reference}";
    in
    if !builtins.pathExists head then { error = "Not a .git directory: ${toString path}"; }
    else if reference == null then { value = text; }
    else if builtins.pathExists file then { value = lib.fileContents file; }
    else { error = "Could not find ${builtins.head reference} in ${toString path}"; };
}
