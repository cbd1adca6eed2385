// Instants and spans of virtual time as text: UTC always, milliseconds since the epoch inside.

const UNITS = [['y', 31536e6], ['d', 864e5], ['h', 36e5], ['m', 6e4], ['s', 1e3]];
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export const millis = text => Date.parse(text);

const two = number => String(number).padStart(2, '0');

export const date = at => new Date(at).toISOString().slice(0, 10);

export function time(at, seconds = true) {
  const day = new Date(at);
  const short = `${two(day.getUTCHours())}:${two(day.getUTCMinutes())}`;
  return seconds ? `${short}:${two(day.getUTCSeconds())}` : short;
}

// With milliseconds only where there are any.
export function exact(at) {
  const part = Math.round(at % 1000);
  return `${date(at)} ${time(at)}${part ? `.${String(part).padStart(3, '0')}` : ''}`;
}

export const weekday = at => DAYS[new Date(at).getUTCDay()];

export function day(at, year = false) {
  const when = new Date(at);
  const text = `${DAYS[when.getUTCDay()]} ${when.getUTCDate()} ${MONTHS[when.getUTCMonth()]}`;
  return year ? `${text} ${when.getUTCFullYear()}` : text;
}

// The two largest units: 2h 55m, 3s, 250ms.
export function span(length) {
  const left = Math.abs(length);
  if (left < 1000) return `${Math.round(left)}ms`;
  const first = UNITS.findIndex(([, size]) => left >= size);
  const [name, size] = UNITS[first];
  const rest = UNITS[first + 1];
  const more = rest ? Math.floor((left % size) / rest[1]) : 0;
  return `${Math.floor(left / size)}${name}${more ? ` ${more}${rest[0]}` : ''}`;
}

// The two largest units, the smaller one rounded: 2h 55m for two hours 54 minutes and 50 seconds.
export function roughly(length) {
  const first = UNITS.findIndex(([, size]) => length >= size);
  const step = UNITS[first + 1]?.[1] ?? 1;
  return span(Math.round(length / step) * step);
}

export function relative(at, now) {
  if (Math.abs(at - now) < 1) return 'now';
  return at > now ? `in ${span(at - now)}` : `${span(now - at)} ago`;
}

// RFC 3339 without a fraction, as the control plane takes it.
export const rfc3339 = at => `${new Date(at).toISOString().slice(0, 19)}Z`;

// To the millisecond, which is as exact as the page can be.
export const iso = at => new Date(Math.ceil(at)).toISOString().replace('.000Z', 'Z');

// As `millis`, but never before the instant: its microseconds are rounded up.
export const upward = text => millis(text) + (/\.\d{3}\d*[1-9]/.test(text) ? 1 : 0);
