// Forms that schedule something: each sends one vendor's own operation, as an application would.

import {data, get, session, useKey} from './api.js';
import {button, copy, h, icon, redraw, say} from './dom.js';
import {curl} from './curl.js';
import {rfc3339} from './instants.js';

const sink = () => `${location.origin}/_mock/sink/page`;
const to = {name: 'to', label: 'To', value: '+12125550101', list: true};
const from = {name: 'from', label: 'From', value: '+12125550100'};
const due = {name: 'due', label: 'Due, UTC', type: 'datetime-local'};
const hook = {name: 'hook', label: 'Webhooks to', value: sink};
const assistant = {name: 'assistant', label: 'Assistant', value: 'assistant_page'};
const text = value => ({name: 'text', label: 'Text', value, area: true});

// Per form: fields, the request they make, and how to read the new record's id from the answer.
export const FORMS = [
  {
    name: 'Phone call', provider: 'telnyx_assistants', icon: 'phone',
    fields: [to, from, due, assistant, {name: 'retries', label: 'Retries', value: '2', type: 'number'}, {name: 'interval', label: 'Every, s', value: '600', type: 'number'}],
    path: ({assistant: id}) => `/ai/assistants/${encodeURIComponent(id)}/scheduled_events`,
    body: given => ({telnyx_conversation_channel: 'phone_call', telnyx_end_user_target: given.to, telnyx_agent_target: given.from, scheduled_at_fixed_datetime: given.due,
      max_retries_client_errors: Number(given.retries), retry_interval_secs: Number(given.interval)}),
    id: answer => answer.scheduled_event_id,
  },
  {
    name: 'SMS chat', provider: 'telnyx_assistants', icon: 'message',
    fields: [to, from, due, assistant, text('See you in an hour.')],
    path: ({assistant: id}) => `/ai/assistants/${encodeURIComponent(id)}/scheduled_events`,
    body: given => ({telnyx_conversation_channel: 'sms_chat', telnyx_end_user_target: given.to, telnyx_agent_target: given.from, scheduled_at_fixed_datetime: given.due, text: given.text}),
    id: answer => answer.scheduled_event_id,
  },
  {
    name: 'Message', provider: 'telnyx_messages', icon: 'message',
    fields: [to, from, due, text('Your parcel comes today.'), hook],
    path: () => '/messages/schedule',
    body: given => ({from: given.from, to: given.to, text: given.text, send_at: given.due, ...(given.hook && {webhook_url: given.hook})}),
    id: answer => answer.data.id,
  },
  {
    name: 'AI call', provider: 'temphone', icon: 'phone',
    fields: [{name: 'to', label: 'Contact', value: 'ctc_12kd88'}, due, {...text('Hi {{first_name}}, a word about your renewal.'), label: 'Says'}, hook],
    path: () => '/calls/scheduled',
    body: given => ({contact_id: given.to, scheduled_at: given.due, initial_message: given.text, ...(given.hook && {webhook_url: given.hook})}),
    id: answer => answer.data.call_id,
  },
];

export class Schedule {
  constructor(store, done) {
    Object.assign(this, {store, done, chosen: 0});
    this.body = h('div');
    this.numbers = h('datalist', {id: 'numbers'});
    this.element = [h('header', {class: 'detail-head'}, h('h2', {}, 'Schedule')), this.body, this.numbers];
    this.draw();
    get('/outcomes').then(({magic}) => this.numbers.replaceChildren(...magic.map(({target, summary}) => h('option', {value: target.replace('xxx', '212').replaceAll(' ', '')}, summary)))).catch(() => {});
  }

  // Places of the vendors' operations are those of their documents; the page goes to them on its own origin.
  base(form) {
    const base = this.store.names[form.provider]?.base;
    return base && new URL(base).pathname.replace(/\/$/, '');
  }

  draw() {
    const served = FORMS.filter(form => this.base(form) !== undefined);
    const form = served[this.chosen];
    if (!form) return redraw(this.body, h('p', {class: 'empty'}, 'This server has none of the vendors that the page knows to schedule with.'));
    const tab = (one, index) => button(one.name, () => ((this.chosen = index), this.draw()), {glyph: one.icon, 'aria-pressed': String(index === this.chosen), 'data-key': `form-${index}`});
    this.said = h('p', {class: 'problem', role: 'alert', hidden: true});
    const made = h('form', {class: 'fields', on: {submit: event => (event.preventDefault(), this.send(form, made))}}, form.fields.map(field => this.field(field)), this.said,
      h('div', {class: 'row end'}, button('curl', () => copy(this.asCurl(form, made)), {glyph: 'copy', title: 'Copy as curl'}), h('button', {type: 'submit', class: 'primary'}, 'Schedule')));
    redraw(this.body, h('div', {class: 'segments wide', role: 'group', 'aria-label': 'What to schedule'}, served.map(tab)), made);
  }

  field({name, label, value, type = 'text', area, list}) {
    const start = type === 'datetime-local' ? rfc3339(this.store.now() + 36e5).slice(0, 19) : typeof value === 'function' ? value() : value;
    const input = area ? h('textarea', {name, rows: '2', value: start}) : h('input', {name, type, step: type === 'datetime-local' ? '1' : null, value: start, list: list && 'numbers', autocomplete: 'off', spellcheck: 'false'});
    return h('label', {class: 'field'}, h('span', {}, label), input);
  }

  given(made) {
    const given = Object.fromEntries(new FormData(made));
    return given.due ? {...given, due: `${given.due.length === 16 ? `${given.due}:00` : given.due}Z`} : given;
  }

  asCurl(form, made) {
    const given = this.given(made);
    const headers = [['authorization', `Bearer ${session.key === 'page' ? 'key' : '$KEY'}`], ...(session.world === 'default' ? [] : [['x-mock-world', session.world]])];
    return curl('POST', location.origin + this.base(form) + form.path(given), headers, form.body(given));
  }

  async send(form, made) {
    const given = this.given(made);
    this.said.hidden = true;
    try {
      const answer = await data('POST', this.base(form) + form.path(given), form.body(given));
      say(`${form.name} scheduled`);
      this.done(form.id(answer));
    } catch (problem) {
      this.refused(problem);
    }
  }

  refused(problem) {
    this.said.replaceChildren(problem.message);
    this.said.hidden = false;
    if (problem.status !== 401) return;
    const key = h('input', {type: 'text', 'aria-label': 'API key', placeholder: 'An API key that the server knows', autocomplete: 'off'});
    this.said.append(h('span', {class: 'row'}, key, button('Use it', () => (useKey(key.value), (this.said.hidden = true)))));
  }
}
