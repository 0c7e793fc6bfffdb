/* Acts by the interface without a form: `data-post="/api/v1/…"` with `data-body` (JSON), then `data-next` or a toast. */
import { call, freshKey, Problem } from '../common/api.js';
import { announce, fillAddress } from '../common/dom.js';
import { speaking } from '../common/lang.js';
import { toast } from '../common/toast.js';
import words from './words.js';

async function act(button) {
  const { post, body, next, done, event } = button.dataset;
  button.setAttribute('aria-busy', 'true');
  try {
    const answer = await call(button.dataset.method || 'POST', post, {
      json: body ? JSON.parse(body) : {},
      key: freshKey()
    });
    if (!announce(button, event || 'answered', { answer })) return;
    if (next) location.assign(fillAddress(next, answer));
    else if (done) toast(done);
    else location.reload();
  } catch (error) {
    refuse(error);
  } finally {
    button.removeAttribute('aria-busy');
  }
}

/** Tells why an act was refused, in the service's words. */
export function refuse(error) {
  const t = speaking(words);
  if (error instanceof Problem && error.status === 401) {
    toast(t('signed_out'), { mark: 'alert', action: { label: t('sign_in'), href: '/sign-in' } });
  } else if (error instanceof Problem && error.status === 409) {
    toast(error.message, { mark: 'alert', action: { label: t('reload'), onclick: () => location.reload() } });
  } else {
    toast(error.message, { mark: 'alert' });
  }
}

export default function actions() {
  document.addEventListener('click', event => {
    const button = event.target.closest?.('[data-post]');
    if (!button) return;
    event.preventDefault();
    if (button.getAttribute('aria-busy') !== 'true') act(button);
  });
}
