// The marks of the timeline: each outcome has a shape of its own, so that colour only repeats what the shape says.

import {s} from './dom.js';
import {OUTCOMES} from './outcomes.js';

const inner = d => s('path', {class: 'in', d});
const shape = d => s('path', {d});
const DIAMOND = 'M0-7.4 7.4 0 0 7.4-7.4 0Z';
const FLAG = 'M0 0 4.4 7h-8.8Z';

const SHAPES = {
  check: () => [s('circle', {r: 6.5}), inner('m-3 .2 2.1 2.2L3.1-2.4')],
  bar: () => [s('rect', {x: -6, y: -6, width: 12, height: 12, rx: 2.5}), inner('M-3 0h6')],
  diamond: () => [shape(DIAMOND), inner('M-2.6 0h.1M0 0h.1M2.6 0h.1')],
  question: () => [shape(DIAMOND), inner('M-1.8-1.6a1.8 1.8 0 1 1 2.7 1.6Q0 .5 0 1.3M0 3.6h.1')],
  triangle: () => [shape('M0-6.8 7.2 5.8H-7.2Z'), inner('M0-2.2v3.4M0 3.7h.1')],
  cross: () => [shape('M-2.8-6.6h5.6l3.8 3.8v5.6L2.8 6.6h-5.6L-6.6 2.8v-5.6Z'), inner('m-2.4-2.4 4.8 4.8m0-4.8-4.8 4.8')],
  slash: () => [s('circle', {class: 'hollow', r: 5.6}), s('path', {class: 'stroke', d: 'm-3.8 3.8 7.6-7.6'})],
  plain: () => [s('circle', {r: 5.5})],
};

// What a webhook's attempt came to, as a small flag below the line: full, crossed or empty.
const HOOKS = {
  delivered: {tone: 'good', parts: () => [shape(FLAG)]},
  failed: {tone: 'bad', parts: () => [s('path', {class: 'hollow', d: FLAG}), s('path', {class: 'stroke', d: 'm-1.6 3.2 3.2 3.2m0-3.2-3.2 3.2'})]},
  captured: {tone: 'mute', parts: () => [s('path', {class: 'hollow', d: FLAG})]},
};
const UNDER_WAY = {tone: 'plan', parts: HOOKS.captured.parts};

const own = (table, name, other) => (Object.hasOwn(table, name) ? table[name] : other);

export function outcomeMark(name) {
  const {tone, shape: kind} = own(OUTCOMES, name, {tone: 'mute', shape: 'plain'});
  return s('g', {class: `mark ${tone}`}, SHAPES[kind]());
}

export function hookMark(state) {
  const {tone, parts} = own(HOOKS, state, UNDER_WAY);
  return s('g', {class: `mark hook ${tone}`}, parts());
}

export const createdMark = () => s('g', {class: 'mark plan'}, s('circle', {class: 'hollow', r: 3.6}));
export const dueMark = () => s('g', {class: 'mark plan'}, s('path', {class: 'hollow', d: 'M0-5.6 5.6 0 0 5.6-5.6 0Z'}));
export const dotMark = () => s('g', {class: 'mark dot'}, s('circle', {r: 1.9}));

// A mark on its own, in running text.
export const sign = (mark, size = 16) => s('svg', {class: 'sign', viewBox: '-8 -8 16 16', width: size, height: size, 'aria-hidden': 'true'}, mark);
export const outcomeSign = name => sign(outcomeMark(name));
export const hookSign = state => sign(s('g', {transform: 'translate(0 -4.5) scale(1.25)'}, hookMark(state)));
