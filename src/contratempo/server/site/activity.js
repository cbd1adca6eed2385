// What happened lately, newest first, across all lanes; what the last advance brought is marked.

import {button, h, icon, redraw} from './dom.js';
import {date, millis, time} from './instants.js';
import {hookSign, outcomeSign, sign, dotMark} from './marks.js';
import {isOutcome} from './outcomes.js';
import {describe, words} from './resources.js';

const SHOWN = 80;

export class Activity {
  constructor(store, open) {
    Object.assign(this, {store, open, fresh: null});
    this.title = h('h3', {}, 'Activity');
    this.list = h('div', {class: 'activity-list', tabindex: '0', 'aria-label': 'Activity, newest first'});
    this.element = h('section', {class: 'activity', 'aria-label': 'Activity'}, this.title, this.list);
  }

  // What an advance answered: its first and last instant bound what is new.
  moved({fired_count: count, undelivered}, before) {
    this.fresh = {before, count, undelivered};
    this.draw();
  }

  draw() {
    const {recent, webhooks} = this.store;
    const things = recent.slice(-SHOWN).map((transition, index) => ({at: millis(transition.at), index, transition}));
    for (const webhook of webhooks.values()) for (const attempt of webhook.attempts) things.push({at: millis(attempt.at), index: 1e6 + webhook.number, webhook, attempt});
    things.sort((one, other) => other.at - one.at || other.index - one.index);
    redraw(this.list, things.slice(0, SHOWN).map(thing => this.row(thing)));
    redraw(this.title, 'Activity', this.fresh && h('span', {class: 'muted'}, this.fresh.count === 1 ? '1 transition in the last advance' : `${this.fresh.count} transitions in the last advance`,
      this.fresh.undelivered ? `, ${this.fresh.undelivered} webhooks under way` : ''));
  }

  row({at, transition, webhook, attempt}) {
    const id = transition?.resource ?? webhook.resource;
    const resource = this.store.resources.get(id);
    const told = resource ? describe(resource) : {icon: 'thing', title: id, what: ''};
    const fresh = this.fresh && at > this.fresh.before;
    const said = transition
      ? [isOutcome(transition.to) ? outcomeSign(transition.to) : sign(dotMark()), h('span', {class: 'what'}, transition.from !== null && h('span', {class: 'muted'}, `${words(transition.from)} → `), h('b', {}, words(transition.to))),
        h('span', {class: 'muted'}, transition.kind === 'call' ? `call, attempt ${transition.attempt}` : transition.cause)]
      : [hookSign(attempt.state), h('span', {class: 'what'}, h('span', {class: 'muted'}, 'webhook '), h('b', {}, webhook.event)), h('span', {class: 'muted'}, [attempt.state, attempt.status, attempt.reason].filter(Boolean).join(' '))];
    return button([h('span', {class: 'figures'}, h('span', {class: 'muted'}, `${date(at).slice(5)} `), time(at)), icon(told.icon), h('span', {class: 'who'}, told.title), said],
      () => this.open('resource', id), {class: fresh ? 'event fresh' : 'event', tabindex: '-1'});
  }
}
