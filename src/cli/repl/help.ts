/** What `:?` prints: one row a command, in the words that C++ Nix's users know them by. */
const rows: readonly (readonly [string, string])[] = [
  ['<expr>', 'Evaluate and print expression'],
  ['<x> = <expr>', 'Bind expression to variable'],
  [':a, :add <expr>', 'Add attributes from resulting set to scope'],
  [':b <expr>', 'Build a derivation'],
  [':bl <expr>', 'Build a derivation, with links to its outputs (GC roots) in the working directory'],
  [':e, :edit <expr>', 'Open package or function in $EDITOR'],
  [':l, :load <path>', 'Load Nix expression and add it to scope'],
  [':ll, :last-loaded', 'Show most recently loaded variables added to scope'],
  [':log <expr>', 'Show logs for a derivation'],
  [':p, :print <expr>', 'Evaluate and print expression recursively; strings are printed as they are'],
  [':q, :quit', 'Exit nix-repl'],
  [':r, :reload', 'Reload all files'],
  [':sh <expr>', 'Build dependencies of derivation, then start nix-shell'],
  [':t <expr>', 'Describe result of evaluation'],
  [':u <expr>', 'Build derivation, then start nix-shell'],
  [':doc <expr>', 'Show documentation of a builtin or documented function'],
  [':te, :trace-enable [bool]', 'Enable, disable or toggle showing traces for errors'],
  [':?, :help', 'Brings up this help menu'],
];

export const replHelp = `The following commands are available:\n\n${rows.map(([name, doc]) => `  ${name.padEnd(28)} ${doc}`).join('\n')}\n`;
