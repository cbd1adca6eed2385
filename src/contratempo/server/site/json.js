// JSON for reading: indented, keys told from values, numbers and strings as they are. All of it text.

import {h} from './dom.js';

const part = (kind, text) => h('span', {class: `j-${kind}`}, text);

export const json = value => h('pre', {class: 'json', tabindex: '0'}, lines(value, ''));

function lines(value, indent) {
  const deeper = `${indent}  `;
  if (Array.isArray(value)) {
    return wrap('[', ']', value.map(item => [lines(item, deeper)]), indent, deeper);
  }
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value).map(([key, item]) => [part('key', JSON.stringify(key)), ': ', lines(item, deeper)]);
    return wrap('{', '}', members, indent, deeper);
  }
  const kind = value === null || typeof value === 'boolean' ? 'word' : typeof value;
  return [part(kind, JSON.stringify(value) ?? String(value))];
}

function wrap(start, end, members, indent, deeper) {
  if (!members.length) return [start + end];
  const spread = members.flatMap((member, index) => [index ? `,\n${deeper}` : `\n${deeper}`, ...member]);
  return [start, ...spread, `\n${indent}`, end];
}
