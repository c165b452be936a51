# Recursion without `rec`: a set as the least fixed point of a function of itself, and ways to extend one.
{ lib }:
rec {
  fix = f: let x = f x; in x;
  fix' = f: let x = f x // { __unfix__ = f; }; in x;

  # Applies f until nothing changes.
  converge = f: x: let next = f x; in if next == x then x else converge f next;

  # An overlay (`final: previous: { }`) on top of a recursive set (`final: { }`).
  extends = overlay: base: final: let previous = base final; in previous // overlay final previous;
  composeExtensions = first: second: final: previous:
    let
      changed = first final previous;
    in
    changed // second final (previous // changed);
  composeManyExtensions = lib.foldr composeExtensions (_: _: { });

  makeExtensible = makeExtensibleWithCustomName "extend";
  makeExtensibleWithCustomName = name: base:
    fix' (final: base final // { ${name} = overlay: makeExtensibleWithCustomName name (extends overlay base); });

  # `{ }`, `previous: { }` and `final: previous: { }` all as the last.
  toExtension = x:
    if !lib.isFunction x then _: _: x
    else final: previous: let result = x previous; in if lib.isFunction result then x final previous else result;
}
