// The timeline: lanes by provider over virtual time, of which only those in sight are drawn.

import {button, h, icon, redraw, s} from './dom.js';
import {AXIS, ROW, drawAxis, drawGround, drawLane, drawNow} from './drawing.js';
import {group, instants} from './lanes.js';
import {millis} from './instants.js';
import {makeAxis} from './layout.js';
import {createdMark, dueMark, hookMark, outcomeMark, sign} from './marks.js';
import {tone} from './outcomes.js';
import {HORIZONS} from './plan.js';
import {Pointing} from './pointing.js';
import {words} from './resources.js';
import {Scrubber} from './scrubber.js';

const SPARE = 6; // rows drawn beyond the edges
const RANGES = {All: Infinity, Day: 864e5, Hour: 36e5};

export class Timeline {
  constructor(store, open, history, actions) {
    Object.assign(this, {store, open, history, actions, rows: [], selected: null, range: 'All', wanted: '', replanned: new Set()});
    this.scrubber = new Scrubber(store, history);
    history.cancel = () => this.letGo();
    history.onShow = () => this.axis && this.drawNow();
    this.pointing = new Pointing(this);
    this.axisArt = s('svg', {class: 'axis', height: AXIS + 4, 'aria-hidden': 'true'});
    this.art = s('svg', {class: 'art', 'aria-hidden': 'true'});
    this.names = h('div', {class: 'names', role: 'presentation'});
    this.height = h('div', {role: 'presentation'});
    const scroll = () => (cancelAnimationFrame(this.frame), (this.frame = requestAnimationFrame(() => this.axis && (this.draw(), this.seen?.()))));
    this.scroll = h('div', {class: 'lanes', role: 'listbox', tabindex: '0', 'aria-label': 'Timeline lanes', 'aria-describedby': 'tip', 'data-key': 'lanes',
      on: {scroll, ...this.pointing.events()}}, this.height, this.names, this.art);
    this.count = h('span', {class: 'muted'});
    const head = h('div', {class: 'lanes-head'}, h('div', {class: 'corner'}, this.count), this.axisArt);
    this.element = h('section', {class: 'timeline', 'aria-label': 'Timeline'}, this.tools(), head, this.scrubber.element, this.scroll, this.pointing.tip);
    new ResizeObserver(() => this.update()).observe(this.scroll);
  }

  tools() {
    const filter = h('input', {type: 'search', placeholder: 'Target, status or id', 'aria-label': 'Filter lanes',
      on: {input: () => ((this.wanted = filter.value.trim().toLowerCase()), this.update())}});
    this.ranges = h('div', {class: 'segments', role: 'group', 'aria-label': 'Span of time shown'});
    this.drawRanges();
    return h('div', {class: 'tools'}, filter, this.ranges, this.planning(), h('span', {class: 'grow'}), legend(), this.actions);
  }

  // How far ahead the plan is told.
  planning() {
    const {plan} = this.store;
    const field = h('select', {'aria-label': 'Planned part', 'data-key': 'horizon', on: {change: () => ((plan.horizon = field.value), plan.want())}}, Object.entries(HORIZONS).map(([value, label]) => h('option', {value}, label)));
    field.value = plan.horizon;
    return h('label', {class: 'inline'}, 'Plan', field);
  }

  // Whoever cancels from within the preview is led back to the thumb.
  letGo() {
    const inside = this.history.element.contains(document.activeElement);
    if (this.scrubber.cancel() && inside) this.scrubber.thumb.focus();
  }

  drawRanges() {
    const choose = name => () => ((this.range = name), this.drawRanges(), this.update());
    const one = name => button(name, choose(name), {'aria-pressed': String(this.range === name), 'data-key': `range-${name}`,
      title: name === 'All' ? 'Everything' : `One ${name.toLowerCase()} before and after now`});
    redraw(this.ranges, Object.keys(RANGES).map(one));
  }

  // Lanes whose plan has become another one are marked for a moment.
  mark(ids) {
    this.replanned = new Set(ids);
    clearTimeout(this.marking);
    this.marking = ids.length && setTimeout(() => ((this.replanned = new Set()), this.axis && this.scroll.isConnected && this.draw()), 2500);
  }

  // Lays everything out again; called when anything changed.
  update() {
    const {store} = this;
    if (!store.loaded || !this.scroll.isConnected) return;
    const now = store.now();
    const reach = RANGES[this.range];
    const near = at => Math.abs(at - now) <= reach;
    const all = store.allLanes();
    const shown = all.filter(lane => this.passes(lane) && (reach === Infinity || instants(lane).some(near)));
    this.rows = group(shown, Object.keys(store.names));
    this.width = Math.max(200, this.scroll.clientWidth - this.names.offsetWidth);
    const marks = [...store.plan.checkpoints.map(checkpoint => millis(checkpoint.now)), ...(store.plan.to === null ? [] : [store.plan.to])];
    this.axis = makeAxis([...shown.flatMap(instants), ...marks].filter(near), this.width, now);
    this.count.textContent = shown.length === all.length ? `${all.length} scheduled` : `${shown.length} of ${all.length}`;
    this.scrubber.update(this.axis, this.width);
    this.height.style.height = `${this.rows.length * ROW}px`;
    for (const art of [this.axisArt, this.art]) art.setAttribute('width', this.width);
    this.draw();
    this.history.draw();
  }

  passes(lane) {
    return !this.wanted || [lane.title, lane.what, lane.status, lane.id, lane.text].join(' ').toLowerCase().includes(this.wanted);
  }

  // Draws the rows in sight.
  draw() {
    const {scroll, art} = this;
    const last = Math.max(0, this.rows.length - Math.ceil(scroll.clientHeight / ROW));
    const first = Math.max(0, Math.min(last, Math.floor(scroll.scrollTop / ROW)) - SPARE);
    const rows = this.rows.slice(first, first + Math.ceil(scroll.clientHeight / ROW) + 2 * SPARE);
    const height = Math.max(rows.length * ROW, scroll.clientHeight - 1);
    const now = this.store.now();
    this.shown = new Set(rows.flatMap(row => row.lane?.id ?? []));
    art.setAttribute('height', height);
    for (const part of [art, this.names]) part.style.transform = `translateY(${first * ROW}px)`;
    this.nowArt = s('g');
    this.cursor = s('g', {class: 'cursor'});
    art.replaceChildren(...drawGround(this.axis, height), ...rows.map((row, index) => this.back(row, index)), this.nowArt,
      ...rows.flatMap((row, index) => (row.lane ? [drawLane(row.lane, this.axis, index * ROW, now)] : [])), this.cursor);
    this.names.replaceChildren(...rows.map(row => (row.lane ? this.name(row.lane) : this.title(row))));
    this.drawNow();
    if (this.selected) scroll.setAttribute('aria-activedescendant', `lane-${this.selected}`);
    else scroll.removeAttribute('aria-activedescendant');
  }

  // The axis and the now-line, which alone move while nothing happens.
  drawNow() {
    if (!this.nowArt) return;
    const {flag, rule, stem} = drawNow(this.axis, this.store.now(), this.width, this.art.getAttribute('height'));
    this.axisArt.replaceChildren(...drawAxis(this.axis, this.width, this.store.now()), stem, flag);
    this.nowArt.replaceChildren(...this.drawSpan(), rule);
    this.scrubber.draw();
    this.history.pass();
  }

  // Between now and where the scrubber is: what will pass, or what is taken back.
  drawSpan() {
    const place = this.history.place;
    if (!place) return [];
    const [now, at] = [this.axis.x(this.store.now()), this.axis.x(place.at)];
    const height = this.art.getAttribute('height');
    return [s('rect', {class: at < now ? 'span back' : 'span', x: Math.min(now, at), y: 0, width: Math.abs(at - now), height}),
      s('line', {class: at < now ? 'span-edge back' : 'span-edge', x1: at, x2: at, y1: 0, y2: height})];
  }

  back({lane, group: provider}, index) {
    const kind = provider ? 'group-back' : lane.id === this.selected ? 'row-back selected' : this.replanned.has(lane.id) ? 'row-back replanned' : 'row-back';
    return s('rect', {class: kind, x: 0, y: index * ROW, width: this.width, height: ROW - 1});
  }

  title({group: provider, count}) {
    return h('div', {class: 'name group', role: 'presentation'}, h('b', {}, this.store.names[provider]?.title ?? provider), h('span', {class: 'muted'}, count));
  }

  name(lane) {
    return h('div', {class: 'name', role: 'option', id: `lane-${lane.id}`, 'aria-selected': String(lane.id === this.selected), 'data-lane': lane.id,
      'aria-label': `${lane.what} ${lane.title}, ${words(lane.status)}`, title: `${lane.what}\n${lane.id}`},
    icon(lane.icon), h('span', {class: 'target'}, lane.title), h('span', {class: `state ${tone(lane.status)}`}, words(lane.status)));
  }

  select(id, tell = true) {
    this.selected = id;
    this.pointing.spot = -1;
    if (this.axis) this.draw();
    if (tell) this.open(id);
  }
}

const ghost = mark => (mark.classList.add('ghost'), mark);

function legend() {
  const one = (mark, label) => h('span', {}, sign(mark, 14), label);
  return h('div', {class: 'legend', 'aria-label': 'Legend'}, one(createdMark(), 'created'), one(dueMark(), 'due'), one(outcomeMark('completed'), 'done'),
    one(outcomeMark('busy'), 'busy'), one(outcomeMark('no-answer'), 'no answer'), one(outcomeMark('failed'), 'failed'), one(ghost(outcomeMark('completed')), 'planned'),
    one(s('g', {transform: 'translate(0 -4)'}, hookMark('delivered')), 'webhook'));
}
