// The clock bar: the world, its time, and every way to move it.

import {at, get, post, control, remove, session} from './api.js';
import {ask, button, h, icon, redraw, say, stamp} from './dom.js';
import {exact, millis, relative, rfc3339, span, weekday, date, time} from './instants.js';

const RATES = [1, 60, 3600];
const JUMPS = [['+1 m', '1m', 'one minute'], ['+1 h', '1h', 'one hour'], ['+1 d', '1d', 'one day']];
const LIVE = {live: ['live', 'Changes arrive by the stream'], polling: ['polling', 'No stream: asking every 2 seconds'], starting: ['…', 'Connecting'], gone: ['deleted', 'This world is no more: choose another one']};

export class ClockBar {
  constructor(store, {onWorld, onMoved, onCompare}) {
    Object.assign(this, {store, onWorld, onMoved, onCompare, busy: false, listed: []});
    this.banner = h('div', {class: 'banner', hidden: true});
    this.face = h('div', {class: 'face', 'aria-live': 'off'});
    this.moves = h('div', {class: 'moves', role: 'group', 'aria-label': 'Advance the clock'});
    this.modes = h('div', {class: 'segments', role: 'group', 'aria-label': 'Frozen or running'});
    this.end = h('div', {class: 'row'});
    this.worlds = h('select', {'aria-label': 'World', title: 'World', on: {change: () => onWorld(this.worlds.value)}});
    this.element = [this.brand(), this.worlds, this.face, this.moves, this.modes, h('span', {class: 'grow'}), this.end, this.banner];
    setInterval(() => this.store.clock?.mode === 'running' && this.drawFace(), 100);
  }

  brand() {
    return h('a', {class: 'brand', href: '/_mock/', 'aria-label': 'Contratempo'}, icon('again'), h('b', {}, 'Contratempo'));
  }

  async readWorlds() {
    this.listed = (await get('/worlds')).worlds;
    const known = this.listed.some(({id}) => id === session.world);
    const options = forks => this.listed.filter(({fork_of: from}) => Boolean(from) === forks).map(({id, fork_of: from}) => h('option', {value: id, title: from && `a fork of ${from}`}, id));
    const forks = options(true);
    this.worlds.replaceChildren(...options(false), ...(forks.length ? [h('optgroup', {label: 'Forks'}, forks)] : []), ...(known ? [] : [h('option', {value: session.world}, session.world)]));
    this.worlds.value = session.world;
    this.drawBanner();
    this.store.tell('worlds');
  }

  world(id) {
    return this.listed.find(world => world.id === id);
  }

  // Which world this is, where it is a fork.
  drawBanner() {
    const {id, fork_of: from, captures} = this.world(session.world) ?? {};
    this.banner.hidden = !from && !captures;
    if (this.banner.hidden) return;
    if (!from) {
      redraw(this.banner, icon('fork'), h('span', {}, h('b', {}, id), ' captures its webhooks, as the world did that was loaded: none of them is sent. A reset ends that.'));
      return;
    }
    const there = this.world(from);
    redraw(this.banner, icon('fork'), h('span', {}, h('b', {}, id), ' is a fork of ', h('b', {}, from), captures ? '. It captures webhooks: none of them is sent.' : '. Its webhooks are sent.'), h('span', {class: 'grow'}),
      there && button(`Compare with ${from}`, () => this.onCompare(from), {class: 'small', glyph: 'compare', 'data-key': 'banner-compare'}),
      there && button(`Back to ${from}`, () => this.onWorld(from), {class: 'small', 'data-key': 'banner-back'}),
      button('Delete', () => this.discard(id, there ? from : 'default'), {class: 'small', 'data-key': 'banner-delete', title: 'Delete this fork; the world it comes from stays'}));
  }

  async discard(id, from) {
    if (!await ask('Delete this fork?', `“${id}” goes with all that is in it. The world “${from}” stays as it is.`, 'Delete', null, 'danger')) return;
    await this.act(async () => (await remove(`/worlds/${at(id)}`), this.onWorld(from)));
  }

  draw() {
    const {clock} = this.store;
    if (!clock) return;
    this.drawFace();
    this.drawMoves(clock);
    this.drawModes(clock);
    const [live, why] = LIVE[this.store.live];
    redraw(this.end, button('Reset', () => this.reset(), {class: 'quiet', 'data-key': 'reset', title: 'Take the world back to how it started'}),
      h('span', {class: `wire ${this.store.live}`, title: why, role: 'status'}, live));
  }

  drawFace() {
    const now = this.store.now();
    const off = now - Date.now();
    const behind = Math.abs(off) < 5000 ? 'as real time' : `${span(off)} ${off < 0 ? 'behind' : 'ahead of'} real time`;
    this.face.replaceChildren(
      h('time', {class: 'now', datetime: rfc3339(now)}, h('span', {class: 'date'}, date(now)), time(now)),
      h('span', {class: 'muted'}, `${weekday(now)} · UTC · ${behind}`));
  }

  drawMoves({next_due: next}) {
    const due = next && relative(millis(next), this.store.now());
    const step = button(['Step', h('small', {}, next ? due : 'nothing due')], () => this.advance({to: 'next'}), {
      class: 'primary', glyph: 'step', 'data-key': 'step', disabled: !next || this.busy,
      title: next ? `Advance to the next due thing, ${exact(millis(next))} UTC` : 'Nothing is due in this world'});
    const jump = ([label, by, words]) => button(label, () => this.advance({by}), {disabled: this.busy, 'data-key': `by-${by}`, title: `Advance by ${words}`});
    redraw(this.moves, step, JUMPS.map(jump), button('To…', () => this.toDate(), {disabled: this.busy, 'data-key': 'to', title: 'Advance to a date'}));
  }

  drawModes({mode, rate}) {
    const set = change => () => this.change(change);
    const frozen = mode === 'frozen';
    const run = speed => button(`×${speed}`, set({mode: 'running', rate: speed}), {'data-key': `x${speed}`, disabled: this.busy,
      'aria-pressed': String(!frozen && rate === speed), title: `Run: ${span(speed * 1000)} of the world each real second`});
    const other = !frozen && !RATES.includes(rate) && h('span', {class: 'other'}, `×${rate}`);
    redraw(this.modes, button('Frozen', set({mode: 'frozen'}), {'aria-pressed': String(frozen), 'data-key': 'freeze', glyph: 'freeze', disabled: this.busy}), RATES.map(run), other);
  }

  // One at a time: the buttons wait until the advance answers.
  async act(call) {
    if (this.busy) return;
    this.busy = true;
    this.draw();
    try {
      await call();
    } catch (problem) {
      say(problem.message, 'bad');
    } finally {
      this.busy = false;
      this.draw();
    }
  }

  advance(body) {
    return this.act(async () => {
      this.before = this.store.now();
      const answer = await post('/clock/advance', body);
      stamp('answered');
      await this.store.took(answer);
      this.onMoved(answer);
    });
  }

  change(body) {
    return this.act(async () => this.store.setClock(await control('PUT', '/clock', body)));
  }

  async toDate() {
    const field = h('input', {type: 'datetime-local', step: '1', required: true, min: rfc3339(this.store.now()).slice(0, 19), value: rfc3339(this.store.now()).slice(0, 19), 'aria-label': 'Instant in UTC'});
    const to = await ask('Advance to', 'An instant in UTC, after now. Whatever is due until then happens, in order.', 'Advance', field);
    if (to) await this.advance({to: `${to.length === 16 ? `${to}:00` : to}Z`});
  }

  async reset() {
    const sure = await ask('Reset this world?', `Records, timers, scripts, faults, webhooks and journals of “${session.world}” go; its clock starts again.`, 'Reset', null, 'danger');
    if (sure) await this.act(async () => (await post('/reset'), this.store.load()));
  }
}
