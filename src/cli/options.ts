/**
 * The command line, as data. A flag is a record: its names, how many values follow it, and what it does to the options of
 * its command. Nix's flags need their own reader (two values after --arg, -j4 in one word, -- ends flags), which is why no
 * general parser is used here.
 */
import { NixError } from '../errors/nix-error.ts';

export interface Flag<Options> {
  /** For instance ['-A', '--attr']; the first long one stands in help. */
  readonly names: readonly string[];
  /** Names of the values that follow, as shown in help. */
  readonly values?: readonly string[];
  readonly doc: string;
  /** Not listed by --help. */
  readonly hidden?: boolean;
  apply(options: Options, ...values: string[]): void;
}

export interface ParsedLine {
  readonly positional: string[];
}

/** Reads `args` into `options`; gives the arguments that are no flags. */
export function readFlags<Options>(
  flags: readonly Flag<Options>[],
  args: readonly string[],
  options: Options,
): string[] {
  const byName = new Map<string, Flag<Options>>();
  for (const flag of flags) for (const name of flag.names) byName.set(name, flag);
  const positional: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '--') {
      positional.push(...args.slice(i + 1));
      break;
    }
    if (arg === '-' || !arg.startsWith('-')) {
      positional.push(arg);
      continue;
    }
    const [flag, attached] = findFlag(byName, arg);
    if (!flag) throw new NixError(`unrecognised flag '${arg}'`, { class: 'UsageError' });
    const values = attached === undefined ? [] : [attached];
    for (const name of (flag.values ?? []).slice(values.length)) {
      if (i + 1 >= args.length)
        throw new NixError(`flag '${arg}' requires ${flag.values!.length} argument(s)`, {
          class: 'UsageError',
          hint: `It is used as: ${arg} ${flag.values!.join(' ')} (${name} is missing)`,
        });
      values.push(args[++i]!);
    }
    flag.apply(options, ...values);
  }
  return positional;
}

/** The flag of an argument; `-j4`, `-Ipath` carry their first value in the same word. */
function findFlag<Options>(
  byName: ReadonlyMap<string, Flag<Options>>,
  arg: string,
): [Flag<Options> | undefined, string | undefined] {
  const whole = byName.get(arg);
  if (whole) return [whole, undefined];
  if (!arg.startsWith('--') && arg.length > 2) {
    const short = byName.get(arg.slice(0, 2));
    if (short?.values?.length === 1) return [short, arg.slice(2)];
  }
  return [undefined, undefined];
}

/** `-kKQ` is `-k -K -Q` where each letter is a flag without values, as getopt and Nix read it. */
export function splitShortFlags<Options>(flags: readonly Flag<Options>[], args: readonly string[]): string[] {
  const plain = new Set(flags.filter((flag) => !flag.values?.length).flatMap((flag) => flag.names));
  const taking = new Set(flags.filter((flag) => flag.values?.length).flatMap((flag) => flag.names));
  return args.flatMap((arg) => {
    if (!/^-[a-zA-Z]{2,}$/.test(arg) || taking.has(arg.slice(0, 2)) || plain.has(arg)) return [arg];
    const letters = [...arg.slice(1)].map((letter) => `-${letter}`);
    return letters.every((letter) => plain.has(letter)) ? letters : [arg];
  });
}

/** The text of --help: one line a flag, wrapped values in their place. */
export function describeFlags<Options>(flags: readonly Flag<Options>[]): string {
  const listed = flags.filter((flag) => !flag.hidden);
  const rows = listed.map(
    (flag) => [`${flag.names.join(', ')} ${(flag.values ?? []).join(' ')}`.trim(), flag.doc] as const,
  );
  const width = Math.min(36, Math.max(...rows.map(([names]) => names.length)));
  return rows.map(([names, doc]) => `  ${names.padEnd(width)}  ${doc}`).join('\n');
}
