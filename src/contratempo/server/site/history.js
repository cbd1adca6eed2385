// What can be done with time beyond letting it pass: go back, go to a checkpoint, go on in a world of its own; each is shown
// before it is done.

import {post, remove, at as segment, session} from './api.js';
import {ask, button, h, icon, redraw, say} from './dom.js';
import {date, exact, iso, millis, relative, time} from './instants.js';
import {outcomeSign, sign, dotMark} from './marks.js';
import {isOutcome} from './outcomes.js';
import {describe, words} from './resources.js';
import {foretold, takenBack, until} from './scrubbing.js';

const LISTED = 200;
const SOON = 120; // ms that a drag rests before the server is asked

export class History {
  constructor(store, bar, {onFork}) {
    Object.assign(this, {store, bar, onFork, place: null, dry: null, asked: 0});
    this.summary = h('p', {class: 'summary', role: 'status'});
    this.list = h('ol', {class: 'foreseen', tabindex: '0'});
    this.title = h('h3', {});
    this.acts = h('div', {class: 'row end'});
    this.element = h('section', {class: 'preview', 'aria-label': 'What this would do', hidden: true, on: {keydown: event => event.key === 'Escape' && (event.stopPropagation(), this.cancel())}},
      h('div', {class: 'preview-head'}, h('div', {class: 'grow'}, this.title, this.summary), this.acts), this.list);
  }

  // Shows what going to a place means; with null nothing more. The timeline sets `onShow`, and `cancel`, which is the scrubber's.
  show(place) {
    this.place = place;
    this.element.hidden = !place;
    clearTimeout(this.timer);
    this.asked += 1;
    this.dry = null;
    this.head = null; // of which it was asked what is taken back
    this.asking = false;
    this.draw();
    this.onShow?.();
  }

  // What is shown as ahead may be behind by now; called as time passes.
  pass() {
    if (this.place && this.back() !== this.behind) this.draw();
  }

  // Whether the place is behind, or of a checkpoint, which may be on a branch that was left.
  back() {
    return this.place.checkpoint !== undefined || this.place.at < this.store.now();
  }

  target() {
    const {checkpoint, at} = this.place;
    return checkpoint === undefined ? {to: iso(at)} : {checkpoint};
  }

  // Asks what a rewind takes back: at first, and whenever the world has gone on since.
  ask() {
    const {head} = this.store.clock;
    if (this.asking || this.head === head) return;
    Object.assign(this, {head, asking: true});
    this.timer = setTimeout(() => this.tryOut(this.asked), SOON);
  }

  async tryOut(turn) {
    const found = await post('/rewind', {...this.target(), dry_run: true}).catch(problem => ({problem: problem.message}));
    if (turn !== this.asked) return; // the thumb went on meanwhile
    this.dry = found;
    this.asking = false;
    this.draw();
  }

  draw() {
    const {place, store} = this;
    if (!place) return;
    const back = this.back();
    this.behind = back;
    if (back) this.ask();
    const now = store.now();
    const name = place.checkpoint === undefined ? '' : `checkpoint ${place.checkpoint}, `;
    redraw(this.title, back ? 'Rewind to ' : 'Advance to ', h('span', {class: 'figures'}, `${name}${exact(place.at)} UTC`), h('span', {class: 'muted'}, relative(place.at, now)));
    const coming = back ? [] : until(store.plan.all, place.at);
    const rows = back ? (this.dry?.undone ?? []) : coming;
    const complete = store.plan.to !== null && place.at <= store.plan.to;
    const said = back ? (this.dry ? (this.dry.problem ?? takenBack(this.dry)) : 'Asking what that takes back…') : foretold(coming, complete);
    if (this.summary.textContent !== said) this.summary.textContent = said;
    this.summary.className = `summary ${this.dry?.problem ? 'bad' : this.dry?.unsent_impossible ? 'warn' : ''}`;
    this.list.setAttribute('aria-label', back ? 'What is taken back, latest first' : 'What will happen');
    this.list.hidden = !rows.length;
    this.list.classList.toggle('back', back);
    this.list.replaceChildren(...rows.slice(0, LISTED).map(row => this.row(row)), ...(rows.length > LISTED ? [h('li', {class: 'muted'}, `and ${rows.length - LISTED} more`)] : []));
    this.drawActs(back);
  }

  drawActs(back) {
    const {place} = this;
    const ready = !back || (this.dry && !this.dry.problem);
    redraw(this.acts, place.checkpoint !== undefined && button('Forget', () => this.forget(place.checkpoint), {class: 'quiet', 'data-key': 'forget', title: 'Remove the checkpoint; the past stays'}),
      button('Cancel', () => this.cancel(), {class: 'quiet', 'data-key': 'preview-cancel'}),
      button('Fork here', () => this.fork(place), {glyph: 'fork', 'data-key': 'preview-fork', title: 'Leave this world as it is, and make one that stands there; it captures webhooks'}),
      button(back ? 'Rewind' : 'Advance', () => this.confirm(), {class: back ? 'danger' : 'primary', 'data-key': 'preview-confirm', disabled: !ready || this.bar.busy}));
  }

  row({at, resource, from, to, kind, attempt}) {
    const when = millis(at);
    const known = this.store.resources.get(resource);
    const told = known ? describe(known) : {icon: 'thing', title: resource};
    return h('li', {}, h('span', {class: 'figures', title: `${exact(when)} UTC`}, h('span', {class: 'muted'}, `${date(when).slice(5)} `), time(when)), icon(told.icon), h('span', {class: 'who'}, told.title),
      isOutcome(to) ? outcomeSign(to) : sign(dotMark()), h('span', {class: 'what'}, from !== null && h('span', {class: 'muted'}, `${words(from)} → `), h('b', {}, words(to)), kind === 'call' && h('span', {class: 'muted'}, ` call, attempt ${attempt}`)));
  }

  async confirm() {
    if (!this.place || this.bar.busy) return;
    if (!this.back()) {
      const to = iso(this.place.at);
      this.cancel();
      await this.bar.advance({to});
      return;
    }
    if (!this.dry || this.dry.problem) return;
    const target = this.target();
    this.cancel();
    await this.bar.act(async () => {
      const taken = await post('/rewind', target);
      await this.store.load();
      say(`Rewound. ${takenBack(taken)}`);
    });
  }

  async mark() {
    const field = h('input', {type: 'text', pattern: '[A-Za-z][A-Za-z0-9._\\-]{0,63}', placeholder: `head-${this.store.clock.head}`, autocomplete: 'off', spellcheck: 'false', 'aria-label': 'Name of the checkpoint',
      title: 'A letter first, then letters, digits, points, dashes and underscores'});
    const name = await ask('Make a checkpoint', `A name for ${exact(this.store.now())} UTC in “${session.world}”, to come back to. Without one it is called by its number.`, 'Make it', field);
    if (name === null) return;
    try {
      const made = await post('/checkpoints', name ? {name} : {});
      say(`Checkpoint ${made.name} made`);
      this.store.plan.want();
    } catch (problem) {
      say(problem.message, 'bad');
    }
  }

  async forget(name) {
    this.cancel();
    await remove(`/checkpoints/${segment(name)}`).catch(problem => say(problem.message, 'bad'));
    this.store.plan.want();
  }

  // A fork of what is to come is one of now that goes on to there.
  fork(place) {
    const here = place ?? {at: this.store.now()};
    const ahead = place !== null && place.checkpoint === undefined && place.at > this.store.now();
    const where = place === null || ahead ? {} : place.checkpoint === undefined ? {to: iso(place.at)} : {checkpoint: place.checkpoint};
    this.cancel();
    return this.bar.act(async () => {
      const made = await post('/fork', where);
      if (ahead) await post('/clock/advance', {to: iso(here.at)}, made.id);
      await this.bar.readWorlds();
      say(`World ${made.id} made: it captures webhooks`);
      this.onFork(made.id);
    });
  }
}
