// The journal of requests: the list, and one row in detail with why it was answered so.

import {get, query, session} from './api.js';
import {button, chip, copy, h} from './dom.js';
import {curl} from './curl.js';
import {exact, millis, time, date} from './instants.js';
import {json} from './json.js';
import {brief} from './resources.js';
import {facts, section} from './sections.js';
import {ListView} from './tables.js';

const COLUMNS = [['#', 'number'], ['World time', 'time'], ['Request', 'wide'], ['Operation', ''], ['Answer', ''], ['About', 'wide']];
const tone = status => (status === null ? 'bad' : status < 400 ? 'good' : status < 500 ? 'warn' : 'bad');

export class Requests extends ListView {
  constructor(store, open) {
    super('Requests', [
      {name: 'text', label: 'Filter by path, operation, id'},
      {name: 'status', label: 'Any status', options: ['2xx', '4xx', '5xx']},
      {name: 'verdict', label: 'Any verdict', options: ['accepted', 'refused']},
    ]);
    Object.assign(this, {store, open, selected: null});
  }

  draw() {
    const rows = [...this.store.requests.values()].reverse().filter(row => this.passes(row));
    const found = rows.map(row => ({key: `request-${row.number}`, number: row.number, cells: cells(row), selected: row.number === this.selected}));
    this.show(COLUMNS, found, ({number}) => ((this.selected = number), this.open('request', number)),
      'No request has come that passes. Whatever is sent to the vendors’ paths is listed here.');
  }

  passes(row) {
    const {text = '', status = '', verdict = ''} = this.values;
    const words = [row.method, row.path, row.operation, row.resource, row.status, row.hint].join(' ').toLowerCase();
    return words.includes(text.trim().toLowerCase()) && (!status || String(row.status).startsWith(status[0])) && (!verdict || row.verdict === verdict);
  }
}

function cells(row) {
  const about = row.near_miss ? `did you mean ${row.near_miss.method} ${row.near_miss.path}?` : row.violations[0] ? `${row.violations[0].pointer || row.violations[0].location} ${row.violations[0].message}` : (row.hint ?? '');
  return [row.number, [h('span', {class: 'muted'}, date(millis(row.at)).slice(5), ' '), time(millis(row.at))],
    [h('span', {class: 'method'}, row.method), row.path], row.operation ?? h('span', {class: 'muted'}, 'none'),
    [chip(tone(row.status), row.status ?? 'no answer'), row.fault && chip('bad', row.fault.kind)], about || h('span', {class: 'mono muted'}, row.resource ? brief(row.resource) : '')];
}

// Reads one row with its bodies; null when the journal no longer holds it.
export async function readRequest(number) {
  const {requests} = await get(`/requests${query({since: number - 1, limit: 1})}`);
  return requests[0]?.number === number ? requests[0] : null;
}

export function asCurl(row) {
  const path = row.path + (row.query ? `?${row.query}` : '');
  const headers = [['authorization', `Bearer ${session.key === 'page' ? 'key' : '$KEY'}`]];
  if (session.world !== 'default') headers.push(['x-mock-world', session.world]);
  return curl(row.method, location.origin + path, headers, row.request);
}

export function requestDetail(row, open) {
  return [
    h('header', {class: 'detail-head'}, h('h2', {}, h('span', {class: 'method'}, row.method), row.path),
      h('div', {class: 'row'}, chip(tone(row.status), row.status ?? 'no answer'), chip(row.verdict === 'accepted' ? 'good' : 'warn', row.verdict), row.fault && chip('bad', `fault: ${row.fault.kind}`),
        h('span', {class: 'grow'}), button('curl', () => copy(asCurl(row)), {glyph: 'copy', title: 'Copy as curl'}))),
    section('What came', facts([
      ['operation', row.operation ?? 'none found'], ['provider', row.provider], ['query', row.query], ['world time', `${exact(millis(row.at))} UTC`],
      ['real time', `${exact(millis(row.received_at))} UTC, ${(row.seconds * 1000).toFixed(1)} ms`],
      ['about', row.resource && button(row.resource, () => open('resource', row.resource), {class: 'link mono'})]])),
    (row.violations.length > 0 || row.hint || row.rule || row.near_miss) && section('Why not', why(row)),
    row.trace.length > 0 && section('Trace', h('ul', {class: 'plain mono'}, row.trace.map(line => h('li', {}, line)))),
    section('Sent', row.request === undefined || row.request === null ? h('p', {class: 'muted'}, 'No body.') : json(row.request)),
    section('Answered', row.response === undefined || row.response === null ? h('p', {class: 'muted'}, 'No body.') : json(row.response)),
  ];
}

function why({violations, hint, rule, near_miss: near}) {
  return [
    violations.map(({location, pointer, kind, message, document}) => h('div', {class: 'violation'},
      h('div', {}, h('b', {class: 'mono'}, `${location}${pointer}`), ' ', message), h('div', {class: 'muted mono'}, [kind, document].filter(Boolean).join(' · ')))),
    near && h('p', {}, 'Closest: ', h('b', {class: 'mono'}, `${near.method} ${near.path}`), ` (${near.operation}): ${near.differs}`),
    facts([['rule', rule], ['hint', hint]]),
  ];
}
