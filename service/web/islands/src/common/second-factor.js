/* The second step of signing in, asked for when an act needs it (API.md, Sign-in). */
import { openDialog, answers } from './dialog.js';
import { el } from './dom.js';
import { speaking } from './lang.js';
import words from './words.js';

const ADDRESS = '/api/v1/sessions/current/second-factor';

/** True once the service has taken a code; false when the person leaves. */
export async function askSecondFactor(call) {
  for (let wrong = false; ; wrong = true) {
    const code = await askCode(wrong);
    if (!code) return false;
    try {
      await call('POST', ADDRESS, { json: { code }, key: crypto.randomUUID(), asks: false });
      return true;
    } catch (error) {
      if (error.status !== 403) throw error;
    }
  }
}

async function askCode(wrong) {
  const t = speaking(words);
  const input = el('input', {
    class: 'input',
    id: 'mj-factor',
    inputmode: 'numeric',
    autocomplete: 'one-time-code',
    pattern: '[0-9]{6}',
    maxlength: 6,
    required: true,
    'aria-invalid': wrong ? 'true' : undefined,
    'aria-describedby': wrong ? 'mj-factor-e' : undefined
  });
  const field = el(
    'div',
    { class: wrong ? 'field wrong' : 'field' },
    el('label', { for: 'mj-factor' }, t('factor_label')),
    input,
    wrong && el('span', { class: 'error-text', id: 'mj-factor-e' }, t('factor_wrong'))
  );
  const buttons = answers({ word: t('confirm') });
  buttons.classList.remove('actions');
  buttons.classList.add('stack');
  buttons.prepend(field);
  const row = el('p', { class: 'actions' }, ...buttons.querySelectorAll('button'));
  buttons.append(row);
  const left = await openDialog({
    title: t('factor_title'),
    parts: [el('p', {}, t('factor_text')), buttons],
    onopen: () => input.focus()
  });
  return left === 'yes' ? input.value : '';
}
