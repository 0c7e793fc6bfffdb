/* One door to /api/v1: cookie session, CSRF header, the page's language, idempotency key, problem+json as an error. */
import { lang, speaking } from './lang.js';
import { askSecondFactor } from './second-factor.js';
import words from './words.js';

const RETRIES_MS = [800, 2500];

/** A refusal of the service (RFC 9457): status, code, detail, errors and, for a diagram, its problems. */
export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.title || speaking(words)('failed', { status }));
    this.status = status;
    this.code = body.code || 'incident';
    this.body = body;
    this.errors = body.errors || [];
  }
}

/** The network did not answer, even after the retries: the same key may be used again. */
export class Unreachable extends Error {
  constructor() {
    super(speaking(words)('unreachable'));
    this.code = 'unreachable';
  }
}

export const freshKey = () => crypto.randomUUID();

const language = () => (lang() === 'en' ? 'en' : 'zh-CN');

export function headers(extra = {}) {
  const token = document.querySelector('meta[name="csrf-token"]')?.content;
  return {
    Accept: 'application/json',
    'Accept-Language': language(),
    ...(token && { 'X-CSRF-Token': token }),
    ...extra
  };
}

const wait = ms => new Promise(done => setTimeout(done, ms));

async function send(address, request, retries) {
  for (let round = 0; ; round += 1) {
    try {
      return await fetch(address, request);
    } catch (error) {
      if (round >= retries.length) throw new Unreachable();
      await wait(retries[round]);
    }
  }
}

async function read(response) {
  const type = response.headers.get('content-type') || '';
  if (!type.includes('json')) return { text: await response.text() };
  return response.json();
}

/**
 * Calls the interface and gives the answer's body. `json` or `body` is sent; `key` is the Idempotency-Key,
 * `more` are headers.
 * Throws Problem or Unreachable. Asks for the second factor once when the service wants it (unless `asks` is false),
 * and calls again.
 */
export async function call(
  method,
  address,
  { json, body, type, key, more, retries = RETRIES_MS, keepalive = false, asks = true } = {}
) {
  const request = {
    method,
    keepalive,
    credentials: 'same-origin',
    body: json === undefined ? body : JSON.stringify(json),
    headers: headers({
      ...(json !== undefined && { 'Content-Type': 'application/json' }),
      ...(type && { 'Content-Type': type }),
      ...(key && { 'Idempotency-Key': key }),
      ...more
    })
  };
  for (let asked = !asks; ; asked = true) {
    const response = await send(address, request, retries);
    const answer = await read(response);
    if (response.ok) return answer;
    const problem = new Problem(response.status, answer);
    if (asked || problem.code !== 'second_factor_required' || !(await askSecondFactor(call))) throw problem;
  }
}
