/** Dates and times of TOML, checked and brought into the form that Nix shows. */

export class TomlTimestamp {
  /** For instance 1979-05-27T07:32:00.123000Z */
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const pattern =
  /^(?:(\d{4})-(\d{2})-(\d{2}))?(?:(^|[Tt ])(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?)?([Zz]|[+-]\d{2}:\d{2})?$/;

/** Undefined where the text is no timestamp, or none that exists. */
export function parseTimestamp(text: string): TomlTimestamp | undefined {
  const found = pattern.exec(text);
  if (!found) return undefined;
  const [, year, month, day, separator, hour, minute, second, fraction, offset] = found;
  const hasDate = year !== undefined;
  const hasTime = hour !== undefined;
  if (!hasDate && !hasTime) return undefined;
  if (offset !== undefined && !(hasDate && hasTime)) return undefined;
  if (hasDate && hasTime && separator === '') return undefined;
  if (hasDate && !isDate(Number(year), Number(month), Number(day))) return undefined;
  if (hasTime && (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60)) return undefined;
  const date = hasDate ? `${year}-${month}-${day}` : '';
  const time = hasTime ? `${hour}:${minute}:${second}${fractionText(fraction)}` : '';
  const zone = offset === undefined ? '' : /^[Zz]$|^[+-]00:00$/.test(offset) ? 'Z' : offset;
  return new TomlTimestamp(`${date}${hasDate && hasTime ? 'T' : ''}${time}${zone}`);
}

/** Milliseconds, microseconds or nanoseconds, as much as there is; more digits are cut off. */
function fractionText(digits: string | undefined): string {
  const nine = (digits ?? '').slice(0, 9).padEnd(9, '0');
  const length = [0, 3, 6, 9].find((n) => /^0*$/.test(nine.slice(n)))!;
  return length === 0 ? '' : `.${nine.slice(0, length)}`;
}

function isDate(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return day <= [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]!;
}
