# The files of an image outside the store: a derivation with layer.tar, json, references and VERSION. Commands, if there
# are any, run in a process over the unpacked files; the result has the same form.
{ lib, builtinDerivation, runCommand }:
{
  # name        of the derivation
  # imageName   for the log
  # contents    store paths to be laid over each other at /
  # links       files become links into the store
  make =
    { name, imageName, baseJson, contents, keepContentsDirlinks ? false, links ? false, uid ? 0, gid ? 0, extraCommands ? "" }:
    let
      files = quiet: builtinDerivation "image-layer"
        {
          name = if quiet then "${name}-files" else name;
          inherit imageName baseJson contents keepContentsDirlinks links uid gid quiet;
        }
        { };
      withCommands = runCommand name
        {
          files = files true;
          inherit extraCommands;
        } ''
        mkdir layer
        tar -C layer --no-same-owner -xpf "$files/layer.tar"
        chmod ug+w layer
        ${if contents == [ ] then ''echo "No contents to add to layer."'' else ''
          echo "Adding contents..."
          ${lib.concatMapStrings (path: "echo ${lib.escapeShellArg "Adding ${toString path}"}\n") contents}
        ''}
        (cd layer; eval "$extraCommands")
        echo "Packing layer..."
        mkdir "$out"
        tar -C layer --hard-dereference --sort=name --mtime=@1 --owner=${toString uid} --group=${toString gid} \
          --numeric-owner -cf "$out/layer.tar" .
        cp "$files/json" "$files/references" "$files/VERSION" "$out/"
        echo "Finished building layer '${imageName}'"
      '';
    in
    if extraCommands == "" then files false else withCommands;

  # `copyToRoot` and its older name.
  contentsOf = { name, contents, copyToRoot }:
    if contents != null && copyToRoot != null
    then throw "in docker image ${name}: both copyToRoot and contents are given; contents is the older name of copyToRoot: give only one"
    else
      let given = if copyToRoot != null then copyToRoot else contents; in
      if given == null then [ ] else lib.toList given;
}
