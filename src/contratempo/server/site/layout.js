// The time axis: instants to pixels. Linear within a run of activity; long idle gaps between runs are drawn as breaks.

import {date, day, time} from './instants.js';

const EDGE = 16; // pixels left and right of everything
const BREAK = 42; // of a gap
const RUN = 40; // of the shortest run
const INSET = 9; // between the end of a run and its break
const IDLE = 60_000; // no shorter gap is broken
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800]
  .map(seconds => seconds * 1000);

// Returns {pieces, width, x(at), at(x), ticks, days}; `instants` in any order, `now` counts as one only outside them.
export function makeAxis(instants, width, now) {
  const times = [...new Set(instants)].filter(Number.isFinite).sort((one, other) => one - other);
  if (!times.length || now < times[0]) times.unshift(now);
  if (now > times.at(-1)) times.push(now);
  const pieces = place(runs(times, width), width);
  const inside = (value, from, to) => pieces.find(piece => value <= piece[to]) ?? pieces.at(-1);
  return {
    pieces,
    width,
    x: at => scale(inside(at, 'from', 'to'), at, 'from', 'to', 'x0', 'x1'),
    at: x => scale(inside(x, 'x0', 'x1'), x, 'x0', 'x1', 'from', 'to'),
    ticks: pieces.filter(piece => !piece.gap).flatMap(ticksOf),
    days: daysOf(pieces.filter(piece => !piece.gap)),
  };
}

function scale(piece, value, from, to, start, end) {
  const share = piece[to] === piece[from] ? 0.5 : (value - piece[from]) / (piece[to] - piece[from]);
  return piece[start] + Math.min(1, Math.max(0, share)) * (piece[end] - piece[start]);
}

// Cuts at the longest gaps, as long as a break takes less room than the gap would to scale. A gap that is short beside the
// longest one is not idle time: it tells two things apart.
function runs(times, width) {
  const gaps = times.slice(1).map((at, index) => ({index: index + 1, length: at - times[index]}))
    .sort((one, other) => other.length - one.length);
  const least = Math.max(IDLE, (gaps[0]?.length ?? 0) / 50);
  const most = Math.floor((width - 2 * EDGE) / (RUN + BREAK + 16)) - 1;
  let active = times.at(-1) - times[0];
  const cuts = [];
  for (const {index, length} of gaps) {
    const room = width - 2 * EDGE - cuts.length * BREAK;
    if (length < least || cuts.length >= most || (length / active) * room < BREAK + RUN) break;
    cuts.push(index);
    active -= length;
  }
  const starts = [0, ...cuts.sort((one, other) => one - other)];
  return starts.map((start, index) => [times[start], times[(starts[index + 1] ?? times.length) - 1]]);
}

// Each run gets the least it needs, and of what is left a share by the root of its length, so that short ones stay legible.
function place(found, width) {
  const weights = found.map(([from, to]) => Math.sqrt(to - from));
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  const left = Math.max(0, width - 2 * EDGE - found.length * RUN - (found.length - 1) * BREAK);
  let x = EDGE - BREAK;
  const pieces = found.map(([from, to], index) => {
    const size = RUN + (whole ? (left * weights[index]) / whole : left / found.length);
    const start = x + BREAK;
    x = start + size;
    const middle = start + size / 2;
    return from === to ? {gap: false, from, to, x0: middle, x1: middle} : {gap: false, from, to, x0: start + INSET, x1: x - INSET};
  });
  return pieces.flatMap((piece, index) => (index ? [between(pieces[index - 1], piece), piece] : [piece]));
}

const between = (one, other) => ({gap: true, from: one.to, to: other.from, x0: one.x1, x1: other.x0});

function ticksOf({from, to, x0, x1}) {
  const short = at => time(at, at % 60_000 !== 0 && to - from < 600_000);
  if (from === to) return [{x: x0, label: short(from), at: from}];
  const step = STEPS.find(step => (step / (to - from)) * (x1 - x0) >= 58) ?? Infinity;
  const ticks = [{x: x0, label: short(from), at: from}];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
    const x = x0 + ((at - from) / (to - from)) * (x1 - x0);
    if (x - x0 >= 46 && x1 - x >= -1) ticks.push({x, label: time(at, step < 60_000), at});
  }
  return ticks;
}

// A date where a run starts on another day than the label before it says, and at midnights within a run.
function daysOf(pieces) {
  const days = [];
  const add = (at, x) => {
    if (days.length && date(days.at(-1).at) === date(at)) return;
    if (days.length && x - days.at(-1).x < 76) return;
    days.push({at, x, label: day(at, !days.length)});
  };
  for (const {from, to, x0, x1} of pieces) {
    add(from, x0);
    const step = Math.max(1, Math.ceil((to - from) / 864e5 / 12)) * 864e5;
    for (let at = Math.ceil((from + 1) / 864e5) * 864e5; at <= to; at += step) add(at, x0 + ((at - from) / (to - from)) * (x1 - x0));
  }
  return days;
}
