// One record: how it stands, the path it took, its attempts, webhooks, the request that made it, and what it shall meet.

import {at, get, post, query, session} from './api.js';
import {button, chip, copy, h, icon, say} from './dom.js';
import {curl} from './curl.js';
import {date, exact, millis, relative, rfc3339, span, time} from './instants.js';
import {json} from './json.js';
import {outcomeSign, sign, dotMark} from './marks.js';
import {OUTCOMES, isOutcome, tone} from './outcomes.js';
import {asCurl} from './requests.js';
import {words} from './resources.js';
import {picker} from './scripts.js';
import {facts, fold, section} from './sections.js';
import {table} from './tables.js';
import {webhookFold} from './webhooks.js';

const ATTEMPTS = [['#', 'number'], ['Started', 'time'], ['Took', 'number'], ['Outcome', 'wide']];

// Holds what outlives a redraw: the picker with what is picked, and the request once it is read.
export class Detail {
  constructor(store, id, open, bar) {
    Object.assign(this, {store, id, open, bar, request: undefined});
    this.picker = picker(store.lane(id), () => {});
    this.readRequest();
  }

  async readRequest() {
    const {requests} = await get(`/requests${query({resource: this.id, limit: 1000})}`).catch(() => ({requests: []}));
    this.request = requests.find(row => row.verdict === 'accepted' && row.method === 'POST') ?? null;
    this.store.tell('panel');
  }

  draw() {
    const lane = this.store.lane(this.id);
    const resource = this.store.resources.get(this.id);
    const hooks = [...(this.store.hooksOf.get(this.id)?.values() ?? [])].sort((one, other) => one.number - other.number);
    return [
      this.head(lane),
      section('Path', this.path()),
      lane.attempts.length > 0 && section('Attempts', this.attempts(lane)),
      lane.end === null && lane.due !== null && section('What it shall meet', this.picker),
      section('Webhooks', hooks.length ? hooks.map(webhook => webhookFold(webhook, this.store)) : h('p', {class: 'muted'}, 'None.')),
      section('Made by', this.made()),
      section('Its record now', fold('record', [h('b', {}, 'As the vendor shows it'), h('span', {class: 'grow'}), this.copyRecord()], json(resource.record))),
    ];
  }

  head(lane) {
    const now = this.store.now();
    const can = lane.end === null && lane.status !== null;
    return h('header', {class: 'detail-head'},
      h('h2', {}, icon(lane.icon), lane.title), h('p', {class: 'muted'}, `${lane.what} · `, h('span', {class: 'mono'}, lane.id)),
      lane.text && h('p', {class: 'quote'}, lane.text),
      h('div', {class: 'row'}, chip(tone(lane.status), words(lane.status)), lane.due !== null && h('span', {title: `${exact(lane.due)} UTC`}, `next ${relative(lane.due, now)}`), h('span', {class: 'grow'}),
        can && lane.due !== null && button('Advance to it', () => this.bar.advance({to: rfc3339(Math.ceil(lane.due / 1000) * 1000)}), {'data-key': 'advance-to'}),
        can && button('Cancel', () => this.cancel(), {class: 'quiet', 'data-key': 'cancel'})));
  }

  path() {
    const taken = [...(this.store.transitions.get(this.id) ?? []), ...this.store.planned(this.id)];
    if (!taken.length) return h('p', {class: 'muted'}, 'Nothing happened to it yet.');
    let before = null;
    let today = '';
    return h('ol', {class: 'path'}, taken.map(({at: when, to, kind, cause, state}) => {
      const instant = millis(when);
      const gap = before !== null && instant - before > 0 ? `+${span(instant - before)}` : '';
      before = instant;
      const on = date(instant).slice(5);
      const newDay = on !== today;
      today = on;
      const planned = state === 'planned';
      return h('li', {class: `${kind} ${planned ? 'planned' : ''}`}, isOutcome(to) ? outcomeSign(to) : sign(dotMark()), h('span', {class: 'figures', title: `${exact(instant)} UTC`}, h('span', {class: newDay ? 'muted' : 'muted same'}, `${on} `), time(instant)),
        h('b', {}, words(to)), h('span', {class: 'muted'}, [planned && 'planned', cause !== to && cause].filter(Boolean).join(', ')), h('span', {class: 'muted grow right figures'}, gap));
    }));
  }

  attempts({attempts}) {
    const rows = attempts.map((attempt, index) => ({key: `try-${index}`, cells: [attempt.number ?? '', time(attempt.from), attempt.to === null ? '' : span(attempt.to - attempt.from),
      attempt.outcome ? h('span', {class: 'with-sign'}, outcomeSign(attempt.outcome), OUTCOMES[attempt.outcome]?.label ?? attempt.outcome) : 'under way']}));
    return table('Attempts', ATTEMPTS, rows, null);
  }

  made() {
    const {request} = this;
    if (request === undefined) return h('p', {class: 'muted'}, '…');
    if (request === null) return h('p', {class: 'muted'}, 'A request that the journal does not hold.');
    return fold('made', [h('span', {class: 'method'}, request.method), h('span', {class: 'mono grow'}, request.path), chip('good', request.status ?? 'no answer')],
      json(request.request), h('div', {class: 'row end'}, button('Show', () => this.open('request', request.number)), button('curl', () => copy(asCurl(request)), {glyph: 'copy', title: 'Copy as curl', 'data-key': 'copy-made'})));
  }

  copyRecord() {
    const headers = session.world === 'default' ? [] : [['x-mock-world', session.world]];
    const act = event => (event.preventDefault(), copy(curl('GET', `${location.origin}/_mock/resources/${at(this.id)}`, headers)));
    return button('curl', act, {glyph: 'copy', title: 'Copy as curl', class: 'quiet small', 'data-key': 'copy-record'});
  }

  async cancel() {
    try {
      const left = await post(`/resources/${at(this.id)}/cancel`);
      this.store.resources.set(this.id, {...this.store.resources.get(this.id), ...left, record: left.record ?? this.store.resources.get(this.id).record});
      this.store.changed(this.id);
      this.store.catchUp();
    } catch (problem) {
      say(problem.message, 'bad');
    }
  }
}
