// Faults: what the wire does to requests and webhooks; the list, and a form to add one.

import {at, get, post, remove} from './api.js';
import {button, chip, h, redraw, say} from './dom.js';
import {section} from './sections.js';
import {table} from './tables.js';

const REQUESTS = ['status', 'latency', 'reset', 'empty', 'truncated', 'malformed', 'breaks_contract', 'drop_after_commit'];
const WEBHOOKS = ['duplicate', 'reorder', 'delay', 'drop', 'bad_signature'];
const SECONDS = ['latency', 'delay'];
const COLUMNS = [['Fault', ''], ['Strikes', 'wide'], ['Times', 'number'], ['Chance', 'number'], ['Struck', 'number'], ['', 'acts']];

const field = (label, input) => h('label', {class: 'field'}, h('span', {}, label), input);

export class Faults {
  constructor(store) {
    this.store = store;
    this.list = h('div', {class: 'list'});
    this.form = h('form', {class: 'inline-form', on: {submit: event => (event.preventDefault(), this.add())}});
    this.element = h('section', {class: 'listing pages', 'aria-label': 'Faults'}, section('Add a fault', this.form), section('Faults of this world', this.list));
    this.build();
  }

  build() {
    const kinds = (label, names) => h('optgroup', {label}, names.map(name => h('option', {value: name}, name.replaceAll('_', ' '))));
    this.kind = h('select', {on: {change: () => this.fit()}, 'aria-label': 'Kind'}, kinds('requests', REQUESTS), kinds('webhooks', WEBHOOKS));
    this.status = h('input', {type: 'number', min: '400', max: '599', value: '500', 'aria-label': 'Status'});
    this.after = h('input', {type: 'number', min: '0', placeholder: 'none', 'aria-label': 'Retry-After, seconds'});
    this.seconds = h('input', {type: 'number', min: '0', max: '600', step: 'any', value: '2', 'aria-label': 'Seconds'});
    this.provider = h('select', {'aria-label': 'Provider'});
    this.times = h('input', {type: 'number', min: '1', value: '1', placeholder: 'until removed', 'aria-label': 'Times'});
    this.chance = h('input', {type: 'number', min: '0.01', max: '1', step: '0.01', value: '1', 'aria-label': 'Probability'});
    this.parts = {status: field('Status', this.status), after: field('Retry-After', this.after), seconds: field('Seconds', this.seconds)};
    this.form.append(field('Kind', this.kind), ...Object.values(this.parts), field('Strikes', this.provider), field('Times', this.times), field('Chance', this.chance), h('button', {type: 'submit', class: 'primary'}, 'Add'));
    this.fit();
  }

  fit() {
    this.parts.status.hidden = this.parts.after.hidden = this.kind.value !== 'status';
    this.parts.seconds.hidden = !SECONDS.includes(this.kind.value);
  }

  async add() {
    const kind = this.kind.value;
    const fault = {kind};
    if (kind === 'status') fault.status = Number(this.status.value);
    if (kind === 'status' && this.after.value) fault.retry_after = Number(this.after.value);
    if (SECONDS.includes(kind)) fault.seconds = Number(this.seconds.value);
    const match = this.provider.value ? {provider: this.provider.value} : {};
    try {
      await post('/faults', {match, fault, times: this.times.value ? Number(this.times.value) : null, probability: Number(this.chance.value)});
    } catch (problem) {
      say(problem.message, 'bad');
    }
    this.load();
  }

  draw() {
    const chosen = this.provider.value;
    this.provider.replaceChildren(h('option', {value: ''}, 'every provider'), ...Object.keys(this.store.names).map(name => h('option', {value: name}, name)));
    this.provider.value = chosen;
    this.load();
  }

  async load() {
    const {faults} = await get('/faults').catch(() => ({faults: []}));
    redraw(this.list, faults.length ? table('Faults', COLUMNS, faults.map(fault => this.row(fault)), null) : h('p', {class: 'empty'}, 'None: the wire is sound.'));
  }

  row({id, match, fault, times, probability, struck}) {
    const {kind, ...more} = fault;
    const drop = async () => (await remove(`/faults/${at(id)}`).catch(problem => say(problem.message, 'bad')), this.load());
    const pairs = given => Object.entries(given).map(([key, value]) => `${key} ${value}`).join(', ');
    return {key: id, cells: [[chip(times !== null && struck >= times ? 'mute' : 'bad', kind.replaceAll('_', ' ')), ' ', pairs(more).replace(`${kind} `, '')], pairs(match) || 'everything', times ?? '∞', probability, struck,
      button('Remove', drop, {class: 'quiet', 'data-key': `drop-${id}`})]};
  }
}
