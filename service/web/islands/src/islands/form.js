/* The form of a user task or of a new case: form-js keeps state and conditions, the fields are ours. */
import './form.css';
import { Form } from '@bpmn-io/form-js-viewer';
import { el, inlineJson, mountAll } from '../common/dom.js';
import { lang, speaking } from '../common/lang.js';
import localise from '../common/words-observer.js';
import { clean } from '../form/answers.js';
import Draft from '../form/draft.js';
import { houseModule, modules } from '../form/modules.js';
import { prepare } from '../form/schema.js';
import Submission from '../form/submission.js';
import formWords from '../form/words.js';

const t = speaking(formWords);

function listen(node, form, submission, draft) {
  form.on('submit', () => {
    submission.press();
  });
  document.addEventListener('click', event => {
    const button = event.target.closest?.('button[data-submit-form]');
    if (button && submission.buttons().includes(button)) {
      event.preventDefault();
      submission.press();
    }
    const save = event.target.closest?.('button[data-save-draft]');
    if (save && (!save.dataset.saveDraft || save.dataset.saveDraft === node.id)) {
      event.preventDefault();
      draft.save({ always: true });
    }
  });
  node.addEventListener('focusout', event => {
    if (!event.relatedTarget?.matches?.('[data-submit-form]')) draft.save(); // the press itself sends the answers
  });
  // With a draft, leaving saves it (the page turns hidden); without one, what was typed would be lost.
  window.addEventListener('beforeunload', event => {
    if (!draft.address && !submission.done && draft.changed) event.preventDefault();
  });
}

/** Enter in a field must not submit half a form: only the page's button and Ctrl+Enter do. */
const keepEnter = container =>
  container.addEventListener('keydown', event => {
    if (
      event.key === 'Enter' &&
      !event.ctrlKey &&
      !event.metaKey &&
      event.target.matches('input:not([type=checkbox], [type=radio])')
    )
      event.preventDefault();
  });

async function mount(node) {
  const { schemaId, dataId, extraId } = node.dataset;
  const place = el('div', { class: 'form-summary', id: `${node.id || 'mj-form'}-summary` });
  const container = el('div', { class: 'form-fields' });
  node.replaceChildren(place, container);
  const form = new Form({
    container,
    debounce: false,
    modules,
    additionalModules: [houseModule(t, node.dataset.lookup)],
    ...('readonly' in node.dataset && { properties: { readOnly: true } })
  });
  localise(container, { 'Add new': t('Add new') }, [
    [/^Remove list item (\d+)$/, (all, row) => t('Remove list item', { row })]
  ]);
  await form.importSchema(prepare(inlineJson(schemaId), lang()), inlineJson(dataId, {}));
  keepEnter(container);
  if ('readonly' in node.dataset) return;
  const draft = new Draft(node, () => clean(form._getSubmitData()) || {}, t);
  listen(node, form, new Submission({ node, form, place, draft, extra: inlineJson(extraId, {}), t }), draft);
  node.mjForm = form;
}

mountAll('form', mount);
