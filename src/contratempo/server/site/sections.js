// Parts that several details share: titled sections, lists of facts, and what can be folded away.

import {h} from './dom.js';

export const section = (title, ...content) => h('section', {class: 'part'}, h('h3', {}, title), content);

// Name and value, those without a value left out.
export function facts(pairs) {
  const given = pairs.filter(([, value]) => value !== null && value !== undefined && value !== '' && value !== false);
  return given.length > 0 && h('dl', {class: 'facts'}, given.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]));
}

export const fold = (key, summary, ...content) => h('details', {'data-key': key}, h('summary', {}, summary), content);
