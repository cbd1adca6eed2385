// Pointing at the timeline: a hairline with its instant under the pointer, the story of a mark, and the keys.

import {h, s} from './dom.js';
import {ROW} from './drawing.js';
import {exact, relative, time} from './instants.js';
import {OUTCOMES} from './outcomes.js';
import {brief, words} from './resources.js';

const LANES = {ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, Home: -Infinity, End: Infinity};
const MARKS = {ArrowRight: 1, l: 1, ArrowLeft: -1, h: -1};

export class Pointing {
  constructor(timeline) {
    this.timeline = timeline;
    this.spot = -1; // the mark that keys have come to
    this.tip = h('div', {class: 'tip', role: 'tooltip', id: 'tip', hidden: true});
  }

  events() {
    return {
      click: event => this.click(event),
      pointermove: event => this.move(event),
      pointerleave: () => this.hide(),
      keydown: event => this.key(event),
      blur: () => this.hide(),
    };
  }

  click({target, clientY}) {
    const {scroll, rows} = this.timeline;
    const named = target.closest('[data-lane]')?.dataset.lane;
    const id = named ?? rows[Math.floor((clientY - scroll.getBoundingClientRect().top + scroll.scrollTop) / ROW)]?.lane?.id;
    if (id !== undefined) this.timeline.select(id);
  }

  move(event) {
    const {axis, art, store} = this.timeline;
    if (!axis) return;
    const over = event.target.closest?.('[data-mark]');
    if (over && store.resources.has(over.dataset.lane)) {
      const lane = store.lane(over.dataset.lane);
      return this.tell(lane, lane.marks[over.dataset.mark]);
    }
    const x = event.clientX - art.getBoundingClientRect().left;
    this.hide();
    if (x >= 0) this.hairline(axis.at(x), x);
  }

  hairline(at, x) {
    const {cursor, axisArt, art, width} = this.timeline;
    cursor.replaceChildren(s('line', {x1: x, x2: x, y1: 0, y2: art.getAttribute('height'), class: 'hair'}));
    axisArt.querySelector('.hair-flag')?.remove();
    const left = Math.min(width - 30, Math.max(30, x));
    axisArt.append(s('g', {class: 'hair-flag'}, s('rect', {x: left - 28, y: 22, width: 56, height: 16, rx: 3}),
      s('text', {x: left, y: 34, 'text-anchor': 'middle'}, time(at))));
  }

  tell(lane, mark) {
    if (!mark) return;
    const {axis, store, rows, scroll, element, names} = this.timeline;
    const x = axis.x(mark.at);
    this.hairline(mark.at, x);
    this.tip.replaceChildren(h('b', {}, story(mark)), h('span', {class: 'figures'}, `${exact(mark.at)} UTC`),
      h('span', {class: 'muted'}, `${relative(mark.at, store.now())} · ${lane.what} ${lane.title} · ${brief(lane.id)}`));
    this.tip.hidden = false;
    const below = scroll.offsetTop + (rows.findIndex(row => row.lane?.id === lane.id) + 1) * ROW - scroll.scrollTop + 4;
    const top = below + this.tip.offsetHeight > element.clientHeight ? below - ROW - this.tip.offsetHeight - 8 : below;
    const left = Math.min(names.offsetWidth + x - 20, element.clientWidth - this.tip.offsetWidth - 8);
    this.tip.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }

  hide() {
    this.tip.hidden = true;
    this.timeline.cursor?.replaceChildren();
    this.timeline.axisArt.querySelector('.hair-flag')?.remove();
  }

  // Up and down (or k, j) go from lane to lane, left and right (or h, l) from mark to mark; Enter goes to the details.
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in LANES) this.step(LANES[event.key]);
    else if (event.key in MARKS) this.walk(MARKS[event.key]);
    else if (event.key === 'Enter') document.querySelector('#panel').focus();
    else return;
    event.preventDefault();
  }

  step(by) {
    const {rows, selected, scroll} = this.timeline;
    const places = rows.flatMap((row, place) => (row.lane ? place : []));
    if (!places.length) return;
    const from = places.findIndex(place => rows[place].lane.id === selected);
    const place = places[Math.min(places.length - 1, Math.max(0, from + by))];
    const top = place * ROW;
    if (top - ROW < scroll.scrollTop) scroll.scrollTop = top - ROW;
    if (top + ROW > scroll.scrollTop + scroll.clientHeight) scroll.scrollTop = top + ROW - scroll.clientHeight;
    this.hide();
    this.timeline.select(rows[place].lane.id);
  }

  walk(by) {
    const {store, selected} = this.timeline;
    const lane = store.resources.has(selected) && store.lane(selected);
    if (!lane || !lane.marks.length) return;
    this.spot = Math.min(lane.marks.length - 1, Math.max(0, this.spot + by));
    this.tell(lane, lane.marks[this.spot]);
  }
}

function story({planned, ...mark}) {
  return planned ? `planned: ${told(mark)}` : told(mark);
}

function told({type, name, label, attempt}) {
  if (type === 'outcome') return `${OUTCOMES[name]?.label ?? name}${attempt ? `, attempt ${attempt}` : ''}`;
  if (type === 'hook') return `webhook ${label}: ${name}`;
  return type === 'due' ? 'next due' : words(label);
}
