// Scrubbing through time, as far as it can be told without drawing: where it stops, and what lies between. Pure.

import {millis, upward} from './instants.js';

export const HOUR = 36e5;

// Instants that keys go to, in order: each at which something happened or will, each checkpoint, now and both ends. A clock
// that runs has no `now` to come back to: it would be behind at once.
export function stops({fired, planned, checkpoints, now, first, last}) {
  const found = [...fired, ...planned].map(({at}) => upward(at));
  for (const checkpoint of checkpoints) found.push(upward(checkpoint.now));
  return [...new Set([first, ...found, ...(now === null ? [] : [now]), last])].filter(at => at >= first && at <= last).sort((one, other) => one - other);
}

// Where a key leads from an instant; undefined when it is none that scrubs.
export function stepped(key, from, places) {
  const first = places[0];
  const last = places.at(-1);
  const hour = by => Math.min(last, Math.max(first, from + by));
  if (key === 'ArrowRight' || key === 'ArrowUp') return places.find(at => at > from) ?? last;
  if (key === 'ArrowLeft' || key === 'ArrowDown') return places.findLast(at => at < from) ?? first;
  if (key === 'PageUp') return hour(HOUR);
  if (key === 'PageDown') return hour(-HOUR);
  return {Home: first, End: last}[key];
}

// The instant under a pointer: that of something near it, else a whole second; within the ends.
export function snapped(axis, x, places, reach = 5) {
  let best = null;
  for (const at of places) {
    const off = Math.abs(axis.x(at) - x);
    if (off <= reach && (best === null || off < best.off)) best = {at, off};
  }
  return Math.min(places.at(-1), Math.max(places[0], best?.at ?? Math.round(axis.at(x) / 1000) * 1000));
}

// What will have happened by an instant.
export const until = (planned, at) => planned.filter(transition => millis(transition.at) <= at);

const count = (number, one, more = `${one}s`) => `${number} ${number === 1 ? one : more}`;

// What an advance will bring, in a sentence. `complete` says whether the plan reaches there.
export function foretold(transitions, complete = true) {
  const records = new Set(transitions.map(({resource}) => resource)).size;
  if (!transitions.length) return complete ? 'Nothing will happen until then.' : 'Nothing is planned as far as the plan reaches.';
  return `${count(transitions.length, 'transition')} of ${count(records, 'record')} will happen${complete ? '' : ' as far as the plan reaches'}.`;
}

// What a rewind takes back, in sentences: the answer of the control plane to a dry run.
export function takenBack({undone_count: transitions, undone_commands: commands, unsent_impossible: unsent}) {
  const said = !transitions && !commands ? 'Nothing is taken back.' : `${count(transitions, 'transition')} and ${count(commands, 'command')} are taken back.`;
  return unsent ? `${said} ${count(unsent, 'attempt at a webhook', 'attempts at webhooks')} cannot be unsent.` : said;
}
