/* `data-confirm="question"` on a button or link asks first; `data-confirm-until` (an instant) asks only before it. */
import { ask } from '../common/dialog.js';
import { now } from './clock.js';

const agreed = new WeakSet();

const stillAsks = node => !node.dataset.confirmUntil || now() < Date.parse(node.dataset.confirmUntil);

async function askThenClick(node) {
  const { confirm, confirmTitle, confirmWord } = node.dataset;
  const grave = node.classList.contains('grave') || 'confirmGrave' in node.dataset;
  if (!(await ask({ title: confirmTitle, text: confirm, word: confirmWord || node.textContent.trim(), grave }))) return;
  agreed.add(node);
  node.click();
}

export default function confirm() {
  document.addEventListener(
    'click',
    event => {
      const node = event.target.closest?.('[data-confirm]');
      if (!node || agreed.delete(node) || !stillAsks(node)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      askThenClick(node);
    },
    { capture: true }
  );
}
