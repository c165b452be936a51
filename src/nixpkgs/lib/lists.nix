# Lists: building, folding, searching, sorting, taking apart.
{ lib }:
let
  inherit (builtins) concatLists concatMap elem elemAt filter foldl' genList head isList length map sort tail;
in
rec {
  inherit (builtins) all any concatLists concatMap elem elemAt filter foldl' genList groupBy head isList length map
    partition sort tail;

  # -- building
  singleton = x: [ x ];
  optional = condition: x: if condition then [ x ] else [ ];
  optionals = condition: xs: if condition then xs else [ ];
  toList = x: if isList x then x else [ x ];
  range = from: to: if from > to then [ ] else genList (n: from + n) (to - from + 1);
  replicate = n: x: genList (_: x) n;
  ifilter0 = predicate: xs: map (elemAt xs) (filter (i: predicate i (elemAt xs i)) (genList lib.id (length xs)));
  flatten = x: if isList x then concatMap flatten x else [ x ];
  intersperse = separator: xs:
    if xs == [ ] then [ ] else [ (head xs) ] ++ concatMap (x: [ separator x ]) (tail xs);
  crossLists = f: foldl' (fs: args: concatMap (f: map f args) fs) [ f ];

  # -- folding and mapping
  foldr = op: start: xs:
    let
      n = length xs;
      go = i: if i == n then start else op (elemAt xs i) (go (i + 1));
    in
    go 0;
  fold = foldr;
  foldl = op: start: xs:
    let
      go = i: if i < 0 then start else op (go (i - 1)) (elemAt xs i);
    in
    go (length xs - 1);
  forEach = xs: f: map f xs;
  imap0 = f: xs: genList (i: f i (elemAt xs i)) (length xs);
  imap1 = f: xs: genList (i: f (i + 1) (elemAt xs i)) (length xs);
  concatImap0 = f: xs: concatLists (imap0 f xs);
  concatImap1 = f: xs: concatLists (imap1 f xs);
  zipListsWith = f: xs: ys: genList (i: f (elemAt xs i) (elemAt ys i)) (lib.min (length xs) (length ys));
  zipLists = zipListsWith (fst: snd: { inherit fst snd; });
  count = predicate: foldl' (n: x: if predicate x then n + 1 else n) 0;
  groupBy' = op: start: key: xs: builtins.mapAttrs (_: foldl op start) (builtins.groupBy key xs);

  # -- searching
  remove = x: filter (y: y != x);
  findSingle = predicate: none: many: xs:
    let found = filter predicate xs; in
    if found == [ ] then none else if length found == 1 then head found else many;
  findFirstIndex = predicate: default: xs:
    let
      n = length xs;
      go = i: if i == n then default else if predicate (elemAt xs i) then i else go (i + 1);
    in
    go 0;
  findFirst = predicate: default: xs:
    let i = findFirstIndex predicate null xs; in if i == null then default else elemAt xs i;
  isPrefixOf = hasPrefix;
  hasPrefix = prefix: xs: take (length prefix) xs == prefix;
  removePrefix = prefix: xs:
    if hasPrefix prefix xs then drop (length prefix) xs else throw "lists.removePrefix: the first list is no prefix of the second";
  commonPrefix = xs: ys:
    let
      n = lib.min (length xs) (length ys);
      go = i: if i == n || elemAt xs i != elemAt ys i then i else go (i + 1);
    in
    take (go 0) xs;
  allUnique = xs: length (unique xs) == length xs;

  # -- taking apart
  take = n: sublist 0 n;
  takeEnd = n: xs: drop (length xs - n) xs;
  drop = n: xs: sublist n (length xs) xs;
  dropEnd = n: xs: take (length xs - n) xs;
  sublist = start: n: xs:
    let
      available = length xs - start;
    in
    genList (i: elemAt xs (start + i)) (if available <= 0 then 0 else lib.min n available);
  last = xs: assert lib.assertMsg (xs != [ ]) "lists.last: list must not be empty!"; elemAt xs (length xs - 1);
  init = xs: assert lib.assertMsg (xs != [ ]) "lists.init: list must not be empty!"; take (length xs - 1) xs;
  reverseList = xs: let n = length xs; in genList (i: elemAt xs (n - 1 - i)) n;
  splitLists = separator: lib.splitList separator;

  # -- as sets
  unique = foldl' (seen: x: if elem x seen then seen else seen ++ [ x ]) [ ];
  uniqueStrings = xs: builtins.attrNames (builtins.groupBy lib.id xs);
  intersectLists = xs: filter (x: elem x xs);
  subtractLists = xs: filter (x: !elem x xs);
  mutuallyExclusive = xs: ys: !builtins.any (x: elem x ys) xs;

  # -- order
  sortOn = key: xs:
    map (pair: elemAt pair 1) (sort (a: b: head a < head b) (map (x: [ (key x) x ]) xs));
  sortProperties = sort (a: b: (a.priority or 1000) < (b.priority or 1000));
  compareLists = compare: xs: ys:
    if xs == [ ] then (if ys == [ ] then 0 else -1)
    else if ys == [ ] then 1
    else let first = compare (head xs) (head ys); in if first != 0 then first else compareLists compare (tail xs) (tail ys);
  # Numbers inside the strings count as numbers.
  naturalSort = xs:
    let
      key = text: map (part: if isList part then lib.toInt (head part) else part) (builtins.split "([0-9]+)" text);
      before = a: b:
        if a == b then 0
        else if builtins.typeOf a != builtins.typeOf b then lib.compare (builtins.typeOf a) (builtins.typeOf b)
        else lib.compare a b;
    in
    map (pair: elemAt pair 1) (sort (a: b: compareLists before (head a) (head b) < 0) (map (x: [ (key x) x ]) xs));
  # Depth first in a graph given by `before a b`; a circle is reported.
  listDfs = stopOnCycles: before: xs:
    let
      visit = node: seen: rest:
        let
          split = builtins.partition (x: before x node) rest;
          looped = filter (x: before x node) seen;
          step = acc: x:
            if acc ? cycle then acc
            else if !elem x acc.rest then acc
            else
              let below = visit x ([ node ] ++ seen) (remove x acc.rest); in
              if below ? cycle then below else { visited = below.visited ++ acc.visited; inherit (below) rest; };
          below = foldl' step { visited = [ ]; inherit rest; } split.right;
        in
        if stopOnCycles && looped != [ ] then { cycle = node; loops = looped; visited = seen; inherit rest; }
        else if below ? cycle then below
        else { visited = [ node ] ++ below.visited; inherit (below) rest; };
    in
    visit (head xs) [ ] (tail xs);
  toposort = before: xs:
    let
      go = done: rest:
        if rest == [ ] then { result = done; }
        else
          let free = findFirst (x: !builtins.any (y: y != x && before y x) rest) null rest; in
          if free == null then { cycle = rest; loops = rest; } else go (done ++ [ free ]) (remove free rest);
    in
    go [ ] xs;
}
