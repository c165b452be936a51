/**
 * Errors and warnings as C++ Nix prints them: the trace, outermost first, then the message, its place with a piece of
 * code, and "Did you mean". Without --show-trace only the beginning of the trace is shown: a line counts one, or two with
 * a place, and past three the rest is dropped, save lines that are always shown. Of a trace that repeats itself (a
 * recursion) each line is shown once, and what it stands for is counted.
 */
import { ansi, type Colors, plain } from './colors.ts';
import { frame, showPlace } from './frames.ts';
import type { ErrorClass, NixError, TraceLine } from './nix-error.ts';
import { type Pos, resolvePosition } from './position.ts';
import type { Warning } from './warning.ts';

export interface RenderOptions {
  readonly showTrace?: boolean;
  readonly color?: boolean;
}

/** The trace is cut off once more than this is shown. */
const TRACE_LIMIT = 3;
/** A shorter run of repeated lines is shown after all. */
const SHORT_REPETITION = 5;

/** The whole text, without a line break at its end. */
export function renderError(error: NixError, options: RenderOptions = {}): string {
  const colors = options.color ? ansi : plain;
  const prefix = `${colors.red}error:${colors.normal} `;
  const lines = body(prefix, error, options.showTrace ?? false, colors);
  if (error.suggestions.length > 0) lines.push(`Did you mean ${list(error.suggestions, colors)}?`);
  if (error.hint !== undefined) lines.push(...`hint: ${error.hint}`.split('\n'));
  const text = indent(prefix, lines);
  // A report that was taken over with its last line break (of TOML) keeps it; what a program says itself does not.
  return error.message.endsWith('\n') && error.class !== 'ThrownError' ? `${text}\n       ` : text;
}

export function renderWarning(warning: Warning, options: RenderOptions = {}): string {
  const colors = options.color ? ansi : plain;
  const prefix = `${colors.magenta}${warning.fromExpression ? 'evaluation warning' : 'warning'}:${colors.normal} `;
  // A text that starts on a line of its own is not indented, either.
  if (warning.fromExpression && warning.message.startsWith('\n')) return (prefix.trimEnd() + warning.message).trimEnd();
  if (!warning.fromExpression && !warning.trace && !resolvePosition(warning.pos)) return prefix + warning.message;
  return indent(prefix, body(prefix, warning, options.showTrace ?? true, colors));
}

/** Trace, message and place; the first line goes on after the prefix. */
function body(
  prefix: string,
  told: {
    readonly message: string;
    readonly pos: Pos;
    readonly trace?: readonly TraceLine[];
    readonly class?: ErrorClass;
  },
  showTrace: boolean,
  colors: Colors,
): string[] {
  const { trace = [] } = told;
  const lines = trace.length > 0 ? [...renderTrace(trace, showTrace, colors), '', prefix] : [''];
  const said = told.class === 'ThrownError';
  append(lines, (said ? told.message : quoted(told.message, colors)).split('\n'));
  const position = resolvePosition(told.pos);
  if (position) lines.push(...frame(position, colors));
  return lines;
}

/**
 * What a message quotes, in the colour of values. C++ Nix colours each argument of a message; here messages are plain
 * texts, and what stands in quotes, or is named as the type that was found, is taken for an argument.
 */
function quoted(text: string, { magenta, normal }: Colors): string {
  if (magenta === '') return text;
  return text
    .replace(/(^|[\s([«])'(?!builtins\.)([^'\n]+)'(?![A-Za-z])/g, `$1'${magenta}$2${normal}'`)
    .replace(
      /( but found |^cannot (?:coerce|add) )((?:an? |the |null)[^:'\n]*?)(?=:| to an? )/,
      `$1${magenta}$2${normal}`,
    );
}

/** Continues the last of `lines` with the first of `more`. */
function append(lines: string[], more: readonly string[]): void {
  const last = lines.pop()!;
  lines.push(last + more[0]!, ...more.slice(1));
}

/** The first line after the prefix, the others below its end; no line ends with white space. */
function indent(prefix: string, lines: readonly string[]): string {
  // Escape sequences take no room.
  const margin = ' '.repeat(prefix.replace(/\x1b\[[0-9;]*m/g, '').length);
  const text = lines.map((line, i) => ((i === 0 ? prefix : margin) + line).trimEnd());
  return text.join('\n').trimEnd();
}

function renderTrace(whole: readonly TraceLine[], showTrace: boolean, colors: Colors): string[] {
  const lines: string[] = [''];
  const seen = new Set<string>();
  let repeated: TraceLine[] = [];
  let count = 0;
  let truncated = false;

  const show = (trace: TraceLine) => {
    const position = resolvePosition(trace.pos);
    lines.push(...`… ${trace.always ? trace.text : quoted(trace.text, colors)}`.split('\n'));
    if (position) {
      lines.push(...frame(position, colors).map((line, i) => (i === 0 ? `  ${line}` : line)));
      count++;
    }
    lines.push('');
  };
  const flushRepeated = () => {
    if (repeated.length > SHORT_REPETITION)
      lines.push(`${colors.magenta}(${repeated.length} duplicate frames omitted)${colors.normal}`, '');
    else for (const trace of repeated) show(trace);
    repeated = [];
  };

  // An error gathers its trace from the inside out.
  for (const trace of whole.toReversed()) {
    if (trace.text === '') continue;
    if (!showTrace && count > TRACE_LIMIT) truncated = true;
    if (truncated && !trace.always) continue;
    const key = traceKey(trace);
    if (seen.has(key)) {
      repeated.push(trace);
      continue;
    }
    seen.add(key);
    flushRepeated();
    count++;
    show(trace);
  }
  flushRepeated();
  if (truncated)
    lines.push(
      `${colors.magenta}(stack trace truncated; use '--show-trace' to show the full, detailed trace)${colors.normal}`,
      '',
    );
  // The caller separates what follows by an empty line of its own.
  lines.pop();
  return lines;
}

/** Lines are the same when they say the same about the same place, however their positions are numbered. */
function traceKey({ text, pos }: TraceLine): string {
  const position = resolvePosition(pos);
  return position ? `${text}\0${showPlace(position)}` : text;
}

function list(suggestions: readonly string[], colors: Colors): string {
  const shown = suggestions.map((suggestion) => colors.magenta + suggestion + colors.normal);
  if (shown.length === 1) return shown[0]!;
  return `one of ${shown.slice(0, -1).join(', ')} or ${shown[shown.length - 1]}`;
}
