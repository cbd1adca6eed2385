// The outbox: webhooks with what came of each attempt, and sending one again.

import {at, get, post} from './api.js';
import {button, chip, h, say} from './dom.js';
import {date, exact, millis, time} from './instants.js';
import {json} from './json.js';
import {hookSign} from './marks.js';
import {brief} from './resources.js';
import {facts, fold, section} from './sections.js';
import {ListView, table} from './tables.js';

const COLUMNS = [['#', 'number'], ['World time', 'time'], ['Event', ''], ['About', ''], ['Status', ''], ['Attempts', 'number'], ['Address, reason', 'wide'], ['', 'acts']];
const TONES = {delivered: 'good', failed: 'bad', captured: 'mute', dropped: 'warn', held: 'warn', pending: 'plan', sending: 'plan'};

export class Webhooks extends ListView {
  constructor(store, open) {
    super('Webhooks', [{name: 'text', label: 'Filter by event, id, address'}, {name: 'status', label: 'Any status', options: ['delivered', 'failed', 'captured', 'pending', 'held', 'dropped']}]);
    Object.assign(this, {store, open, selected: null});
  }

  draw() {
    const all = [...this.store.webhooks.values()].sort((one, other) => other.number - one.number).filter(webhook => this.passes(webhook));
    const rows = all.map(webhook => ({key: `webhook-${webhook.id}`, id: webhook.id, cells: this.cells(webhook), selected: webhook.id === this.selected}));
    this.show(COLUMNS, rows, ({id}) => ((this.selected = id), this.open('webhook', id)),
      'No webhook yet. Schedule something with a webhook address, such as /_mock/sink/page of this server, and advance the clock.');
  }

  passes(webhook) {
    const {text = '', status = ''} = this.values;
    const words = [webhook.event, webhook.id, webhook.resource, ...webhook.urls].join(' ').toLowerCase();
    return words.includes(text.trim().toLowerCase()) && (!status || webhook.status === status);
  }

  cells(webhook) {
    const last = webhook.attempts.at(-1);
    const again = event => (event.stopPropagation(), resend(webhook.id, this.store));
    return [webhook.number, [h('span', {class: 'muted'}, date(millis(webhook.at)).slice(5), ' '), time(millis(webhook.at))], webhook.event,
      h('span', {class: 'mono'}, brief(webhook.resource)), status(webhook), webhook.attempts.length, [last?.url ?? webhook.urls[0], last?.reason && h('span', {class: 'muted'}, ` ${last.reason}`)],
      button('Resend', again, {class: 'quiet', 'data-key': `resend-${webhook.id}`})];
  }
}

const status = webhook => h('span', {class: 'with-sign'}, hookSign(webhook.status), h('span', {class: TONES[webhook.status]}, webhook.status), webhook.fault && chip('warn', webhook.fault.kind));

// Sends again; the answer comes before the receiver's, so the webhook is read once more a little later.
export async function resend(id, store) {
  try {
    store.addWebhook(await post(`/webhooks/${at(id)}/redeliver`));
    say('Sent once more');
    setTimeout(() => get(`/webhooks/${at(id)}`).then(webhook => store.addWebhook(webhook)).catch(() => {}), 700); // or the world is gone
  } catch (problem) {
    say(problem.message, 'bad');
  }
}

const ATTEMPTS = [['#', 'number'], ['World time', 'time'], ['Came to', ''], ['Took', 'number'], ['Answer', 'wide']];

export function attemptsTable(webhook) {
  const rows = webhook.attempts.map(attempt => ({key: `attempt-${webhook.id}-${attempt.number}`, cells: [
    attempt.number, time(millis(attempt.at)), h('span', {class: TONES[attempt.state]}, attempt.state, attempt.status ? ` ${attempt.status}` : ''),
    attempt.seconds === null ? '' : `${(attempt.seconds * 1000).toFixed(0)} ms`, h('span', {class: attempt.reason ? '' : 'mono'}, [attempt.reason, attempt.answer].filter(Boolean).join(' · '))]}));
  return table('Attempts', ATTEMPTS, rows, null);
}

// A webhook folded into the detail of what it is about.
export const webhookFold = (webhook, store) => fold(`fold-${webhook.id}`, [status(webhook), h('b', {}, webhook.event), h('span', {class: 'muted grow'}, time(millis(webhook.at)))],
  h('p', {class: 'mono muted break'}, webhook.urls.join(', then ')), attemptsTable(webhook), json(webhook.body),
  h('div', {class: 'row end'}, button('Resend', () => resend(webhook.id, store), {glyph: 'again', 'data-key': `again-${webhook.id}`})));

export function webhookDetail(webhook, store, open) {
  return [
    h('header', {class: 'detail-head'}, h('h2', {}, webhook.event), h('div', {class: 'row'}, status(webhook), h('span', {class: 'grow'}),
      button('Resend', () => resend(webhook.id, store), {glyph: 'again', 'data-key': 'again'}))),
    section('Webhook', facts([['id', h('span', {class: 'mono'}, webhook.id)], ['at', `${exact(millis(webhook.at))} UTC`], ['address', h('span', {class: 'mono break'}, webhook.urls[0])],
      ['failover', webhook.urls[1] && h('span', {class: 'mono break'}, webhook.urls[1])], ['fault', webhook.fault?.kind],
      ['about', button(webhook.resource, () => open('resource', webhook.resource), {class: 'link mono'})]])),
    section('Attempts', webhook.attempts.length ? attemptsTable(webhook) : h('p', {class: 'muted'}, 'None yet.')),
    section('Body', json(webhook.body)),
  ];
}
