# Pieces of text that name other pieces which must stand before them; every piece stands once.
{ lib }:
rec {
  textClosureList = pieces: wanted:
    let
      visit = seen: names: builtins.foldl' visitOne seen names;
      visitOne = { done, texts }@seen: name:
        if done.${name} or false then seen
        else
          let
            piece = if builtins.isString pieces.${name} then noDepEntry pieces.${name} else pieces.${name};
            below = visit { done = done // { ${name} = true; }; inherit texts; } piece.deps;
          in
          { inherit (below) done; texts = below.texts ++ [ piece.text ]; };
    in
    (visit { done = { }; texts = [ ]; } wanted).texts;
  textClosureMap = f: pieces: wanted: builtins.concatStringsSep "\n" (map f (textClosureList pieces wanted));
  noDepEntry = text: { inherit text; deps = [ ]; };
  fullDepEntry = text: deps: { inherit text deps; };
  packEntry = deps: { inherit deps; text = ""; };
  stringAfter = deps: text: { inherit deps text; };
}
