/* The second step of signing in, asked for when an act needs it (API.md, Sign-in). */
import { openDialog, answers } from './dialog.js';
import { el } from './dom.js';
import { speaking } from './lang.js';
import words from './words.js';

const ADDRESS = '/api/v1/sessions/current/second-factor';
const CONFIRMATIONS = '/api/v1/sessions/current/confirmations';
const LOOK_AGAIN_MS = 1500;
const PHONE = 'phone';

/** True once the service has taken a code or the phone has confirmed; false when the person leaves. */
export async function askSecondFactor(call) {
  for (let wrong = ''; ; ) {
    const given = await askCode(wrong);
    if (!given) return false;
    const answer = given === PHONE ? await askPhone(call) : await takeCode(call, given);
    if (answer.sure) return true;
    wrong = answer.said;
  }
}

async function takeCode(call, code) {
  try {
    await call('POST', ADDRESS, { json: { code }, key: crypto.randomUUID(), asks: false });
    return { sure: true };
  } catch (error) {
    if (error.status !== 403) throw error;
    return { said: speaking(words)('factor_wrong') };
  }
}

/** Asks the phone and shows the number that is given there, until it has answered or the person leaves. */
async function askPhone(call) {
  const t = speaking(words);
  let asked;
  try {
    asked = await call('POST', CONFIRMATIONS, { asks: false });
  } catch (error) {
    if (!error.status) throw error;
    return { said: error.message };
  }
  let shown;
  let left = false;
  openDialog({
    title: t('phone_title'),
    parts: [
      el('p', {}, t('phone_text')),
      el('p', { class: 'big-number', role: 'status' }, el('strong', {}, asked.number)),
      el('form', { method: 'dialog', class: 'actions' }, el('button', { class: 'button', value: '' }, t('cancel')))
    ],
    onopen: dialog => {
      shown = dialog;
    }
  }).then(() => {
    left = true;
  });
  let status = 'waiting';
  while (!left && status === 'waiting') {
    await new Promise(done => setTimeout(done, LOOK_AGAIN_MS));
    if (!left) ({ status } = await call('GET', `${CONFIRMATIONS}/${asked.id}`, { asks: false }));
  }
  if (!left) shown.close();
  return status === 'approved' ? { sure: true } : { said: left ? '' : t('phone_not') };
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
    wrong && el('span', { class: 'error-text', id: 'mj-factor-e' }, wrong)
  );
  const buttons = answers({ word: t('confirm') });
  buttons.classList.remove('actions');
  buttons.classList.add('stack');
  buttons.prepend(field);
  const phone =
    document.querySelector('meta[name="mj-phone"]') &&
    el('button', { class: 'button', value: PHONE, formnovalidate: true }, t('phone_word'));
  const row = el('p', { class: 'actions' }, ...buttons.querySelectorAll('button'), phone);
  buttons.append(row);
  const left = await openDialog({
    title: t('factor_title'),
    parts: [el('p', {}, t('factor_text')), buttons],
    onopen: () => input.focus()
  });
  return left === 'yes' ? input.value : left;
}
