// Two worlds side by side (one above the other where there is no room) on one time axis, with what differs between them marked.

import {session} from './api.js';
import {button, chip, h, icon, redraw, s, say} from './dom.js';
import {AXIS, ROW, drawAxis, drawGround, drawLane, drawNow} from './drawing.js';
import {compare, summary} from './differing.js';
import {exact} from './instants.js';
import {instants} from './lanes.js';
import {makeAxis} from './layout.js';
import {OtherWorld, present} from './other.js';

const ROWS = 200;
const NAME = 220; // pixels
const ROOM = 380; // of one world, at least, to have two beside each other

export class Compare {
  // `worlds(id)` returns what the list of worlds says of one; `enter(id)` shows another world; `open(id)` a record's details.
  constructor(store, {worlds, enter, open, done}) {
    Object.assign(this, {store, worlds, enter, open, done, other: null, all: true});
    this.heads = h('div', {class: 'compare-heads'});
    this.sentence = h('p', {class: 'summary', role: 'status'});
    this.only = h('label', {class: 'inline'}, h('input', {type: 'checkbox', 'data-key': 'only', on: {change: event => ((this.all = !event.target.checked), this.draw())}}), 'Differences only');
    this.rows = h('div', {class: 'pairs', tabindex: '0', role: 'list', 'aria-label': 'Records of both worlds'});
    this.element = h('section', {class: 'compare', 'aria-label': 'Two worlds compared'},
      h('div', {class: 'compare-said'}, icon('compare'), this.sentence, h('span', {class: 'grow'}), this.only, button('Close', () => this.close(), {glyph: 'close', 'data-key': 'compare-close'})), this.heads, this.rows);
    new ResizeObserver(() => this.element.isConnected && this.draw()).observe(this.rows);
  }

  // Holds another world beside the one that is shown.
  with(name) {
    this.other?.stop();
    this.sentence.textContent = `Reading ${name}…`;
    this.other = new OtherWorld(name, this.store, {changed: () => this.draw(), gone: why => (say(why, 'bad'), this.close())});
    this.draw();
  }

  close() {
    if (!this.other) return;
    this.other.stop();
    this.other = null;
    this.done();
  }

  draw() {
    const {other, store} = this;
    if (!other || !this.element.isConnected || !store.loaded) return;
    const one = present(store, session.world);
    const until = Math.min(one.to ?? Infinity, other.to ?? Infinity);
    const found = other.read ? compare(one, other, until) : [];
    this.lay(one, found, until);
    this.drawHeads(one);
    const said = other.read ? summary(found, one.name, other.name, until) : `Reading ${other.name}…`;
    if (this.sentence.textContent !== said) this.sentence.textContent = said;
    const rows = this.all ? found : found.filter(row => row.differs);
    const left = rows.length - ROWS;
    redraw(this.rows, rows.slice(0, ROWS).map(row => this.pair(row, one)), left > 0 && h('p', {class: 'muted pad'}, `${left} more${rows[ROWS].differs ? '' : ', in which nothing differs'}.`),
      other.read && !rows.length && h('p', {class: 'empty'}, 'No record to show.'));
  }

  // One axis for both: an instant is at the same place in either.
  lay(one, rows, until) {
    const whole = this.rows.clientWidth || this.element.clientWidth;
    this.wide = (whole - NAME) / 2 >= ROOM;
    this.element.classList.toggle('narrow', !this.wide);
    this.width = Math.max(180, Math.floor(this.wide ? (whole - NAME) / 2 - 1 : whole));
    const shown = rows.flatMap(row => [row.one, row.other].filter(Boolean).flatMap(instants));
    const ends = [one.now, ...(this.other.now === null ? [] : [this.other.now]), ...(Number.isFinite(until) ? [until] : [])];
    this.axis = makeAxis([...shown, ...ends], this.width, one.now);
  }

  drawHeads(one) {
    const {other} = this;
    const head = (world, letter, here) => {
      const listed = this.worlds(world.name);
      const art = s('svg', {class: 'axis', width: this.width, height: AXIS, 'aria-hidden': 'true'});
      const {flag, stem} = drawNow(this.axis, world.now ?? one.now, this.width, 0);
      art.append(...drawAxis(this.axis, this.width, world.now ?? one.now), stem, flag);
      return h('div', {class: `compare-head ${letter}`, role: 'group', 'aria-label': `World ${world.name}`, title: world.now === null ? null : `${exact(world.now)} UTC`}, h('div', {class: 'row'}, h('b', {class: 'letter'}, letter), h('b', {}, world.name), listed?.fork_of && chip('plan', `fork of ${listed.fork_of}`), listed?.captures && chip('mute', 'captures webhooks'), h('span', {class: 'grow'}),
        !here && button(`Switch to ${world.name}`, () => this.enter(world.name), {'data-key': 'switch', class: 'small'})), art);
    };
    redraw(this.heads, h('div', {class: 'compare-corner'}), head(one, 'A', true), head(other, 'B', false));
  }

  pair(row, one) {
    const lane = row.one ?? row.other;
    const mark = row.only ? `only in ${row.only === 'one' ? 'A' : 'B'}` : row.differs ? 'differs' : '';
    const open = () => (this.store.resources.has(row.id) ? this.open(row.id) : say(`That record is in ${this.other.name}: switch to it.`));
    const key = event => (event.key === 'Enter' || event.key === ' ') && (event.preventDefault(), open());
    return h('div', {class: `pair ${row.differs ? 'differs' : ''}`, role: 'listitem'},
      h('div', {class: 'pair-name', role: 'button', tabindex: '0', 'data-key': `pair-${row.id}`, title: row.differs ? `${lane.title} ${row.says}` : lane.id, on: {click: open, keydown: key}}, icon(lane.icon), h('span', {class: 'target'}, lane.title), mark && chip('warn', mark)),
      this.track(row.one, one.now, row.odd.one, 'A'), this.track(row.other, this.other.now ?? one.now, row.odd.other, 'B'));
  }

  track(lane, now, odd, letter) {
    const art = s('svg', {class: `art-of ${letter}`, width: this.width, height: ROW, role: 'img', 'aria-label': `${letter}: ${lane === null ? 'not there' : `${lane.status ?? 'gone'}${lane.ghosts.status ? `, planned ${lane.ghosts.status}` : ''}`}`});
    art.append(...drawGround(this.axis, ROW), drawNow(this.axis, now, this.width, ROW).rule);
    if (lane === null) art.append(s('line', {class: 'absent', x1: 0, x2: this.width, y1: ROW / 2, y2: ROW / 2}));
    else {
      art.append(...spans([...odd].map(at => this.axis.x(at))).map(([x0, x1]) => s('rect', {class: 'odd', x: x0 - 10, y: 2, width: x1 - x0 + 20, height: ROW - 5, rx: 6})), drawLane(lane, this.axis, 0, now));
    }
    return art;
  }
}

// What is near each other is marked as one.
function spans(places) {
  const found = [];
  for (const x of places.sort((one, other) => one - other)) {
    if (found.length && x - found.at(-1)[1] < 18) found.at(-1)[1] = x;
    else found.push([x, x]);
  }
  return found;
}
