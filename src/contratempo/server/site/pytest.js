// A world's story as a pytest that tells it again on a world of its own. Pure: see story.js for where the story comes from.

const text = value => JSON.stringify(String(value)); // JSON's escapes are Python's as well
const WORDS = {true: 'True', false: 'False', null: 'None'};

// An expression that stands for itself in what is written.
export class Expression {
  constructor(code) {
    this.code = code;
  }
}

// Any JSON value as a Python literal; over lines where it would be long.
export function literal(value, indent = '') {
  if (value instanceof Expression) return value.code;
  if (typeof value === 'string') return text(value);
  if (value === null || typeof value !== 'object') return WORDS[String(value)] ?? String(value);
  const list = Array.isArray(value);
  const deeper = `${indent}    `;
  const members = (list ? value.map(item => ['', item]) : Object.entries(value).map(([key, item]) => [`${text(key)}: `, item]));
  const [start, end] = list ? '[]' : '{}';
  const short = `${start}${members.map(([key, item]) => key + literal(item)).join(', ')}${end}`;
  if (indent.length + short.length < 72 && !short.includes('\n')) return short;
  return `${start}\n${members.map(([key, item]) => `${deeper}${key}${literal(item, deeper)},\n`).join('')}${indent}${end}`;
}

const HEAD = `import json
import urllib.request

import pytest


def send(world, provider, method, path, body=None):
    """Send a request as an application would, and return what it was answered."""
    request = urllib.request.Request(
        world.url(provider) + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"authorization": f"Bearer {world.api_key}", "content-type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read() or "null")
`;

const LINE = '    ';
const plain = value => String(value).replace(/[^\x20-\x7e]/g, ' ').slice(0, 200); // what a comment may hold

// `story` is {world, start, seed, profile, steps, ends, notes}; a step is {kind: advance, send, script, rules or cancel}.
export function asPytest(story) {
  const names = new Names();
  const steps = story.steps.map(step => WRITERS[step.kind](step, names));
  const ends = story.ends.filter(({id}) => names.has(id)).map(end => asserted(end, names));
  const given = Object.entries({clock: story.start, seed: story.seed, profile: story.profile}).filter(([, value]) => value !== null && value !== undefined).map(([key, value]) => `${key}=${text(value)}`);
  const notes = story.notes.map(note => `${LINE}# ${plain(note)}\n`);
  return `"""The story of the world ${plain(story.world).replaceAll('\\', ' ').replaceAll('"', "'")} of a Contratempo server, told again by pytest."""\n\n${HEAD}\n
@pytest.mark.contratempo(${given.join(', ')})
def test_story(contratempo):\n${notes.join('')}${[...steps, ...ends].map(line => `${LINE}${line}\n`).join('') || `${LINE}pass\n`}`;
}

const WRITERS = {
  advance: ({to}) => `contratempo.clock.advance(${text(to)})`,
  send({provider, method, path, body, id, named, place}, names) {
    const sent = [text(provider), text(method), names.within(path), ...(body === undefined || body === null ? [] : [literal(body, LINE)])];
    const call = `send(contratempo, ${sent.join(', ')})`;
    if (names.has(id) || id === null) return call;
    const name = names.give(id, named);
    return place ? `${name} = ${call}${place.map(key => `[${typeof key === 'number' ? key : text(key)}]`).join('')}` : `${call}\n${LINE}${name} = contratempo.requests.list(limit=1)[-1].resource`;
  },
  script({match, outcomes, then}, names) {
    const given = outcomes.map(outcome => (Object.keys(outcome).length === 1 ? text(outcome.status) : literal(outcome, LINE)));
    const to = Object.entries(match).map(([key, value]) => `${key === 'from' ? 'sender' : key}=${key === 'resource' ? names.of(value) : text(value)}`);
    return `contratempo.outcomes.script(${[...given, ...to, ...(then === 'repeat' ? [] : [`then=${text(then)}`])].join(', ')})`;
  },
  rules: ({values}) => `contratempo.rules.set(${literal(values, LINE)})`,
  cancel: ({id}, names) => `contratempo.resources.cancel(${names.of(id)})`,
};

function asserted({id, status}, names) {
  if (status === null) return `assert contratempo.timeline(resource=${names.of(id)})[-1].to is None`;
  return `assert contratempo.resources.get(${names.of(id)}).status == ${text(status)}`;
}

// Variables for the records, whose ids are others each time.
class Names {
  constructor() {
    this.given = new Map();
    this.counts = new Map();
  }

  has(id) {
    return this.given.has(id);
  }

  give(id, kind) {
    const stem = /^[a-z][a-z0-9_]*$/.test(kind) ? kind : 'record';
    const number = (this.counts.get(stem) ?? 0) + 1;
    this.counts.set(stem, number);
    this.given.set(id, `${stem}_${number}`);
    return this.given.get(id);
  }

  of(id) {
    return this.given.get(id) ?? text(id);
  }

  // A path with the variable in it where it has the id of a record.
  within(path) {
    for (const [id, name] of this.given) {
      const [before, after, ...more] = path.split(id);
      const safe = part => text(part).slice(1, -1).replaceAll('{', '{{').replaceAll('}', '}}');
      if (after !== undefined && !more.length) return `f"${safe(before)}{${name}}${safe(after)}"`;
    }
    return text(path);
  }
}
