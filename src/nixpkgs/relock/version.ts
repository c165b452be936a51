/**
 * Debian versions, "[epoch:]upstream[-revision]", in Debian's order: letters before other characters, `~` before
 * everything, even the end; runs of digits as numbers. Source: Debian Policy 5.6.12.
 */
export function compareVersions(a: string, b: string): number {
  const [epochA, upstreamA, revisionA] = split(a);
  const [epochB, upstreamB, revisionB] = split(b);
  return epochA - epochB || comparePart(upstreamA, upstreamB) || comparePart(revisionA, revisionB);
}

/** The part that the software's authors chose. */
export function upstreamVersion(version: string): string {
  return split(version)[1];
}

function split(version: string): [number, string, string] {
  const colon = version.indexOf(':');
  const rest = version.slice(colon + 1);
  const dash = rest.lastIndexOf('-');
  const epoch = colon < 0 ? 0 : Number(version.slice(0, colon));
  return dash < 0 ? [epoch, rest, ''] : [epoch, rest.slice(0, dash), rest.slice(dash + 1)];
}

function comparePart(a: string, b: string): number {
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    while ((i < a.length && !isDigit(a[i]!)) || (j < b.length && !isDigit(b[j]!))) {
      const difference = weight(a[i]) - weight(b[j]);
      if (difference !== 0) return difference;
      i++;
      j++;
    }
    const numberA = /^\d*/.exec(a.slice(i))![0];
    const numberB = /^\d*/.exec(b.slice(j))![0];
    const difference = Number(numberA) - Number(numberB);
    if (difference !== 0) return difference;
    i += numberA.length;
    j += numberB.length;
  }
  return 0;
}

function weight(char: string | undefined): number {
  if (char === '~') return -1;
  if (char === undefined || isDigit(char)) return 0;
  return /[A-Za-z]/.test(char) ? char.charCodeAt(0) : char.charCodeAt(0) + 256;
}

function isDigit(char: string): boolean {
  return char >= '0' && char <= '9';
}
