// The calls this page makes, all of them public: the control plane, and the vendors' own planes for what is scheduled.

export const session = {
  world: 'default',
  token: null, // of the control plane, off loopback
  key: 'page', // the bearer token of the data plane
  askToken: async () => null, // set by main
};

const TOKEN = 'contratempo-token';
const KEY = 'contratempo-key';

export class Refused extends Error {
  constructor(status, body) {
    super(explain(status, body));
    this.status = status;
    this.body = body;
  }
}

// Why, in one line: RFC 9457's words, or the vendors' two styles.
function explain(status, body) {
  if (typeof body?.detail === 'string') return [body.detail, body.hint].filter(Boolean).join(' ');
  if (Array.isArray(body?.detail)) return body.detail.map(({loc, msg}) => `${[loc].flat().join('.')}: ${msg}`).join('; ');
  if (Array.isArray(body?.errors)) return body.errors.map(({title, detail}) => detail || title).join('; ');
  return typeof body?.message === 'string' ? body.message : `The server answered ${status}.`;
}

// Takes the token from `#token=...`, or the one this tab was given before.
export function begin(hash) {
  const given = hash.get('token');
  if (given) sessionStorage.setItem(TOKEN, given);
  session.token = sessionStorage.getItem(TOKEN);
  session.key = sessionStorage.getItem(KEY) ?? 'page';
}

export function useKey(key) {
  session.key = key;
  sessionStorage.setItem(KEY, key);
}

export function controlHeaders(world = session.world) {
  const headers = {'X-Mock-World': world};
  if (session.token) headers['X-Mock-Token'] = session.token;
  return headers;
}

async function call(method, path, body, headers) {
  const sent = body === undefined ? {method, headers} : {method, body: JSON.stringify(body), headers};
  if (body !== undefined || method !== 'GET') sent.headers = {...headers, 'Content-Type': 'application/json'};
  let answer;
  try {
    answer = await fetch(path, {...sent, cache: 'no-store'});
  } catch {
    throw new Refused(0, {detail: 'The server does not answer.'});
  }
  const text = await answer.text();
  const read = text ? parse(text) : null;
  if (!answer.ok) throw new Refused(answer.status, read);
  return read;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {detail: text.slice(0, 300)};
  }
}

// Calls `/_mock` + path; asks for the token once when it is missing or wrong.
export async function control(method, path, body, world = session.world) {
  try {
    return await call(method, `/_mock${path}`, body, controlHeaders(world));
  } catch (problem) {
    if (problem.status !== 401) throw problem;
    const token = await session.askToken(session.token !== null);
    if (!token) throw problem;
    sessionStorage.setItem(TOKEN, token);
    session.token = token;
    return control(method, path, body, world);
  }
}

export const get = (path, world) => control('GET', path, undefined, world);
export const post = (path, body = {}, world = session.world) => control('POST', path, body, world);
export const remove = path => control('DELETE', path);

// Calls a vendor's operation as an application would, in the world that is shown.
export const data = (method, path, body) =>
  call(method, path, body, {Authorization: `Bearer ${session.key}`, 'X-Mock-World': session.world});

export const query = values => {
  const given = Object.entries(values).filter(([, value]) => value !== '' && value !== null && value !== undefined);
  return given.length ? `?${new URLSearchParams(given)}` : '';
};

export const at = id => encodeURIComponent(id);
