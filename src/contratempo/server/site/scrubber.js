// The scrubber: a track under the time axis with a thumb to drag through time, and the checkpoints as marks on it.

import {button, h, redraw, s} from './dom.js';
import {exact, millis, relative} from './instants.js';
import {snapped, stepped, stops, until} from './scrubbing.js';

const TRACK = 40; // pixels high: checkpoints above, the thumb on its rail below
const RAIL = 27;
const FLAG = 14; // pixels that a flag needs to be told from the one before it, and pressed
const ASIDE = 8; // flags that give way at one place; of more the latest is in front

// `history` does what is decided on: see history.js.
export class Scrubber {
  constructor(store, history) {
    Object.assign(this, {store, history, place: null, found: null});
    this.rail = s('svg', {class: 'rail', height: TRACK, 'aria-hidden': 'true'});
    this.marks = h('div', {class: 'checkpoints', role: 'group', 'aria-label': 'Checkpoints'});
    this.thumb = h('div', {class: 'thumb', role: 'slider', tabindex: '0', 'aria-label': 'Scrub through time', 'aria-describedby': 'scrubs', title: 'Drag to scrub through time: right to let it pass, left to take it back', 'data-key': 'thumb', on: {keydown: event => this.key(event)}});
    this.track = h('div', {class: 'track', on: {pointerdown: event => this.grab(event), pointermove: event => this.drag(event), pointerup: event => this.drop(event), pointercancel: () => this.cancel()}},
      this.rail, this.marks, this.thumb, h('span', {id: 'scrubs', hidden: true}, 'Arrows go from event to event, Page Up and Page Down by the hour. Enter confirms, Escape cancels.'));
    const tools = [button('Checkpoint', () => history.mark(), {class: 'quiet small', glyph: 'flag', 'data-key': 'checkpoint', title: 'Give this moment a name to come back to'}),
      button('Fork here', () => history.fork(null), {class: 'quiet small', glyph: 'fork', 'data-key': 'fork', title: 'Make a world that goes on from here on its own; it captures webhooks'})];
    this.element = h('div', {class: 'track-row'}, h('div', {class: 'corner tools-here'}, tools), this.track);
  }

  // Lays the track out along an axis.
  update(axis, width) {
    Object.assign(this, {axis, width});
    const {store} = this;
    const now = store.now();
    const first = axis.pieces[0].from;
    const last = Math.max(now, store.plan.to ?? now);
    Object.assign(this, {first: Math.min(first, now), last: Math.min(last, Math.max(now, axis.pieces.at(-1).to)), found: null});
    this.rail.setAttribute('width', width);
    redraw(this.marks, this.flags(store.plan.checkpoints));
    this.draw();
  }

  // Where it stops: put together once somebody scrubs, because a world may have a hundred thousand transitions.
  get places() {
    const {store, first, last} = this;
    this.found ??= stops({fired: store.recent, planned: store.plan.all, checkpoints: store.plan.checkpoints, now: store.clock.mode === 'running' ? null : store.now(), first, last});
    return this.found;
  }

  // On a frozen clock many are of one instant: those that would cover another stand beside it.
  flags(checkpoints) {
    const placed = checkpoints.map(checkpoint => ({checkpoint, at: this.axis.x(millis(checkpoint.now))})).sort((one, other) => one.at - other.at);
    let free = -Infinity;
    return placed.map(({checkpoint, at}) => {
      const x = Math.min(Math.max(at, free), at + ASIDE * FLAG);
      free = x + FLAG;
      return this.mark(checkpoint, x);
    });
  }

  mark(checkpoint, x) {
    const mark = button('', () => this.go(checkpoint), {class: 'checkpoint', glyph: 'flag', 'data-key': `checkpoint-${checkpoint.name}`, 'aria-label': `Checkpoint ${checkpoint.name}`,
      title: `Checkpoint ${checkpoint.name}, ${exact(millis(checkpoint.now))} UTC`});
    mark.style.left = `${x}px`;
    return mark;
  }

  // The thumb and the rail, which alone move while nothing else does.
  draw() {
    if (!this.axis) return;
    const {axis, store} = this;
    const now = store.now();
    const at = this.place?.at ?? now;
    const x = axis.x(at);
    const y = RAIL;
    const line = (x1, x2, kind) => s('line', {x1, x2, y1: y, y2: y, class: kind});
    const end = store.plan.to !== null && store.plan.to <= axis.pieces.at(-1).to ? axis.x(store.plan.to) : this.width;
    const parts = [line(0, axis.x(now), 'past'), line(axis.x(now), end, 'planned')];
    if (store.plan.to !== null && end < this.width) parts.push(s('line', {x1: end, x2: end, y1: y - 7, y2: y + 7, class: 'end'}));
    if (this.place) parts.push(line(axis.x(now), x, at > now ? 'forth' : 'back'));
    this.rail.replaceChildren(...parts);
    this.thumb.style.left = `${x}px`;
    this.thumb.classList.toggle('moved', this.place !== null);
    this.tell(at, now);
  }

  tell(at, now) {
    const attributes = {valuemin: this.first, valuemax: Math.max(this.last, Math.round(at)), valuenow: Math.round(at), valuetext: `${exact(at)} UTC, ${at === now ? 'now' : relative(at, now)}${this.said(at, now)}`};
    for (const [name, value] of Object.entries(attributes)) this.thumb.setAttribute(`aria-${name}`, value);
  }

  said(at, now) {
    return at > now ? `, ${until(this.store.plan.all, at).length} transitions planned until then` : '';
  }

  // Goes to an instant, or to a checkpoint, and shows what that means.
  go(place) {
    this.place = typeof place === 'number' ? {at: place} : {at: millis(place.now), checkpoint: place.name};
    this.draw();
    this.moved();
  }

  cancel() {
    if (!this.place) return false;
    this.place = null;
    this.held = null;
    this.draw();
    this.moved();
    return true;
  }

  moved() {
    this.history.show(this.place);
  }

  grab(event) {
    if (event.button !== 0 || event.target.closest('.checkpoint') || !this.axis) return;
    this.track.setPointerCapture(event.pointerId);
    const x = event.clientX - this.track.getBoundingClientRect().left;
    const thumb = this.axis.x(this.place?.at ?? this.store.now());
    this.held = {off: Math.abs(x - thumb) < 14 ? x - thumb : 0, x};
    this.thumb.focus({preventScroll: true});
    event.preventDefault();
    if (!this.held.off && Math.abs(x - thumb) >= 14) this.drag(event, true);
  }

  drag(event, jump = false) {
    if (!this.held) return;
    const x = event.clientX - this.track.getBoundingClientRect().left;
    if (!jump && !this.held.moved && Math.abs(x - this.held.x) < 3) return;
    this.held.moved = true;
    const at = snapped(this.axis, Math.min(this.width, Math.max(0, x - this.held.off)), this.places);
    if (at !== this.place?.at || this.place.checkpoint) this.go(at);
  }

  // What is let go at now is nothing to decide on.
  drop() {
    this.held = null;
    if (this.place && !this.place.checkpoint && Math.abs(this.place.at - this.store.now()) < 1) this.cancel();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.axis) return;
    const at = stepped(event.key, this.place?.at ?? this.store.now(), this.places);
    if (at !== undefined) this.go(at);
    else if ((event.key === 'Enter' || event.key === ' ') && this.place) this.history.confirm();
    else if (event.key !== 'Escape' || !this.cancel()) return;
    event.preventDefault();
    event.stopPropagation();
  }
}
