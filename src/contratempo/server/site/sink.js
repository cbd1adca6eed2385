// The sinks: receivers built into the server, and what has arrived at one.

import {at, get, remove} from './api.js';
import {button, chip, h, say} from './dom.js';
import {date, exact, millis, time} from './instants.js';
import {json} from './json.js';
import {facts, section} from './sections.js';
import {ListView} from './tables.js';

const COLUMNS = [['#', 'number'], ['World time', 'time'], ['Event', ''], ['Signature', ''], ['Body', 'wide']];
const TONES = {valid: 'good', invalid: 'bad', none: 'mute'};
const eventOf = body => body?.data?.event_type ?? body?.event ?? 'JSON';

export class Sink extends ListView {
  constructor(store, open) {
    const name = h('input', {type: 'text', value: 'page', 'aria-label': 'Name of the sink', class: 'short', on: {change: () => ((this.chosen = true), this.load())}});
    super('Sink', [], h('label', {class: 'inline'}, 'Sink', name), button('Empty', () => this.empty(), {class: 'quiet'}));
    Object.assign(this, {store, open, name, received: [], selected: null, chosen: false});
  }

  // The sink of the webhooks that are there, until another is named: a demonstration has one of its own.
  guess() {
    if (this.chosen) return;
    const known = [...this.store.webhooks.values()].flatMap(({urls}) => urls).map(url => /\/_mock\/sink\/([\w.-]+)$/.exec(url)?.[1]).filter(Boolean);
    if (known.length) this.name.value = known.at(-1);
  }

  draw() {
    this.guess();
    return this.load();
  }

  async load() {
    const path = `/sink/${at(this.name.value || 'page')}`;
    this.received = (await get(`${path}?limit=1000`).catch(problem => (problem.status === 404 || say(problem.message, 'bad'), {received: []}))).received;
    const rows = [...this.received].reverse().map(row => ({key: `sunk-${row.number}`, row, selected: row.number === this.selected, cells: [row.number,
      [h('span', {class: 'muted'}, date(millis(row.at)).slice(5), ' '), time(millis(row.at))], String(eventOf(row.body)), chip(TONES[row.signature] ?? 'mute', row.signature), h('span', {class: 'mono muted'}, JSON.stringify(row.body).slice(0, 300))]}));
    this.show(COLUMNS, rows, ({row}) => ((this.selected = row.number), this.open('sunk', row)),
      `Nothing has come here. Give ${location.origin}/_mock${path} as an address for webhooks.`);
  }

  async empty() {
    await remove(`/sink/${at(this.name.value || 'page')}`).catch(problem => say(problem.message, 'bad'));
    this.load();
  }
}

export const sunkDetail = row => [
  h('header', {class: 'detail-head'}, h('h2', {}, String(eventOf(row.body))), h('div', {class: 'row'}, h('span', {}, 'signature'), chip(TONES[row.signature] ?? 'mute', row.signature))),
  section('Arrived', facts([['world time', `${exact(millis(row.at))} UTC`], ['real time', `${exact(millis(row.received_at))} UTC`]])),
  section('Headers', h('dl', {class: 'facts mono'}, row.headers.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {class: 'break'}, value)]))),
  section('Body', json(row.body)),
];
