/* Parts of a page that fetch themselves anew: `data-poll="address"` each `data-poll-seconds`, and on events. */
import { headers } from '../common/api.js';

const EVERY_SECONDS = 60;
const EVENTS = ['uploaded', 'drafted', 'answered', 'claimed', 'deployed'];

async function load(node) {
  const response = await fetch(node.dataset.poll, {
    headers: headers({ Accept: 'text/html' }),
    credentials: 'same-origin'
  });
  if (response.status === 401) {
    delete node.dataset.poll;
    return;
  }
  if (!response.ok) return;
  const fresh = document.createElement('template');
  fresh.innerHTML = await response.text();
  if (!node.contains(document.activeElement)) node.replaceChildren(fresh.content);
}

const quietly = node =>
  load(node).catch(error => {
    if (!(error instanceof TypeError)) throw error;
  });

function every(node) {
  const seconds = Number(node.dataset.pollSeconds ?? EVERY_SECONDS);
  if (!seconds) return;
  setInterval(() => {
    if (node.dataset.poll && node.isConnected && !document.hidden) quietly(node);
  }, seconds * 1000);
}

export default function poll() {
  document.querySelectorAll('[data-poll]').forEach(every);
  for (const name of EVENTS) {
    document.addEventListener(`mj:${name}`, () =>
      document.querySelectorAll(`[data-poll][data-refresh-on~="${name}"]`).forEach(quietly)
    );
  }
}
