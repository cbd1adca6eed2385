// Drawing of the timeline in SVG: the axis above it, and one lane. Given an axis, nothing is asked of the world.

import {s} from './dom.js';
import {date, roughly, time} from './instants.js';
import {createdMark, dotMark, dueMark, hookMark, outcomeMark} from './marks.js';
import {OUTCOMES} from './outcomes.js';

export const ROW = 27;
export const AXIS = 56;

const line = (x1, y1, x2, y2, kind) => s('line', {x1, y1, x2, y2, class: kind});
const text = (x, y, kind, content, anchor = 'middle') => s('text', {x, y, class: kind, 'text-anchor': anchor}, content);

export function drawAxis(axis, width, now) {
  const flag = flagAt(axis, now, width);
  const parts = [line(0, AXIS - 0.5, width, AXIS - 0.5, 'rule')];
  let clear = 0; // where the label before ends
  for (const {x, label} of axis.days) {
    const size = label.length * 7;
    const start = Math.max(2, Math.min(x - 16, width - size - 4));
    const hidden = start < flag + 36 && start + size > flag - 36; // the flag of now is over it
    const from = !hidden ? start : start < flag ? flag - 38 - size : flag + 38;
    if (from < clear || (clear && from + size > width + 2)) continue;
    if (hidden && start < flag) parts.push(text(flag - 38, 15, 'day', label, 'end'));
    else parts.push(text(from, 15, 'day', label, 'start'));
    clear = from + size;
  }
  for (const {x, label} of axis.ticks) parts.push(line(x, AXIS - 5, x, AXIS, 'tick'), text(x, 33, 'time', label));
  for (const {x0, x1, from, to} of axis.pieces.filter(piece => piece.gap)) {
    const x = (x0 + x1) / 2;
    parts.push(s('path', {class: 'break', d: `M${x - 4} ${AXIS + 3}l4-7M${x + 1} ${AXIS + 3}l4-7`}));
    parts.push(text(x, AXIS - 8, 'gap', roughly(to - from)));
  }
  return parts;
}

// What lies behind all lanes: gridlines of the ticks and a band for each idle gap.
export function drawGround(axis, height) {
  const bands = axis.pieces.filter(piece => piece.gap)
    .map(({x0, x1}) => s('rect', {class: 'idle', x: (x0 + x1) / 2 - 11, y: 0, width: 22, height}));
  return [...bands, ...axis.ticks.map(({x}) => line(x, 0, x, height, 'grid'))];
}

const flagAt = (axis, now, width) => Math.min(width - 34, Math.max(34, axis.x(now)));

// The now-line carries its own instant in the axis, kept within its edges.
export function drawNow(axis, now, width, height) {
  const x = axis.x(now);
  const label = time(now);
  const at = flagAt(axis, now, width);
  const flag = s('g', {class: 'now-flag'}, s('rect', {x: at - 32, y: 3, width: 64, height: 17, rx: 4}), text(at, 15.5, 'now-time', label));
  return {flag, rule: line(x, 0, x, height, 'now'), stem: line(x, 20, x, AXIS, 'now'), title: `${date(now)} ${label}`};
}

export function drawLane(lane, axis, y, now) {
  const middle = y + ROW / 2 - 1;
  const parts = [...drawLife(lane, axis, middle, now)];
  for (const {from, to} of lane.attempts) parts.push(drawAttempt(axis, from, to ?? now, middle));
  for (const {from, to} of lane.ghosts.attempts) parts.push(drawAttempt(axis, Math.max(from, now), Math.max(now, to ?? lane.ghosts.last), middle, 'attempt ghost'));
  const drawn = [];
  let clear = Infinity; // where the next label must end, going from the right
  for (let index = lane.marks.length - 1; index >= 0; index -= 1) {
    const mark = lane.marks[index];
    const x = axis.x(mark.at);
    drawn.unshift(drawMark(mark, index, lane.id, x, middle));
    if (mark.type === 'outcome') {
      const label = OUTCOMES[mark.name]?.label ?? mark.name;
      const size = label.length * 5.8;
      const last = clear === Infinity && x + 12 + size > axis.width; // there is no room to its right
      const kind = mark.planned ? 'outcome ghost' : 'outcome';
      if (last) parts.push(text(x - 11, middle + 3.5, kind, label, 'end'));
      else if (x + 12 + size < clear) parts.push(text(x + 11, middle + 3.5, kind, label, 'start'));
      clear = x - 10;
    } else if (mark.type === 'created' || mark.type === 'due') clear = Math.min(clear, x - 8);
  }
  const under = drawn.filter(mark => mark.classList.contains('dot')); // an outcome covers the dots before it
  return s('g', {class: 'lane'}, parts, under, drawn.filter(mark => !under.includes(mark)));
}

// From its creation to its end; what is still to come is dashed.
function* drawLife(lane, axis, y, now) {
  const start = lane.created ?? lane.marks[0]?.at;
  if (start === undefined) return;
  const lived = lane.end ?? (lane.due === null ? (lane.marks.at(-1)?.at ?? start) : Math.min(now, lane.due));
  yield line(axis.x(start), y, axis.x(lived), y, 'life');
  const ahead = lane.ghosts.end ?? lane.ghosts.last ?? lane.due;
  if (lane.end === null && ahead !== null) yield line(axis.x(Math.max(start, now)), y, axis.x(ahead), y, 'life ahead');
}

function drawAttempt(axis, from, to, y, kind = 'attempt') {
  const x = axis.x(from);
  return s('rect', {class: kind, x, y: y - 3, width: Math.max(2, axis.x(to) - x), height: 6, rx: 3});
}

const DRAWN = {
  created: createdMark,
  due: dueMark,
  dot: dotMark,
  outcome: mark => outcomeMark(mark.name),
  hook: mark => hookMark(mark.name),
};

function drawMark(mark, index, lane, x, y) {
  const drawn = DRAWN[mark.type](mark);
  drawn.setAttribute('transform', `translate(${x.toFixed(1)} ${(mark.type === 'hook' ? y + 5 : y).toFixed(1)})`);
  if (mark.planned) drawn.classList.add('ghost');
  drawn.setAttribute('data-mark', index);
  drawn.setAttribute('data-lane', lane);
  return drawn;
}
