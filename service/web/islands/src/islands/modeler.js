/* The designer's modeler: bpmn-js, our properties, the problems of the service, drafts, deployment. */
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/bpmn-font/css/bpmn.css';
import '@bpmn-io/properties-panel/assets/properties-panel.css';
import 'diagram-js-minimap/assets/diagram-js-minimap.css';
import './modeler.css';
import Modeler from 'bpmn-js/lib/Modeler';
import { BpmnPropertiesPanelModule, BpmnPropertiesProviderModule } from 'bpmn-js-properties-panel';
import MinimapModule from 'diagram-js-minimap';
import { headers } from '../common/api.js';
import { ask } from '../common/dialog.js';
import { announce, el, icon, inlineJson, mountAll } from '../common/dom.js';
import { countyDay, lang, speaking, timeOfDay } from '../common/lang.js';
import localise from '../common/words-observer.js';
import { toast } from '../common/toast.js';
import controlGroup from '../modeler/control-group.js';
import Desk from '../modeler/desk.js';
import Deployment from '../modeler/deployment.js';
import { download, dropDraft, pickFile, readDraft, writeDraft } from '../modeler/keeping.js';
import offer from '../modeler/offer.js';
import Problems from '../modeler/problems.js';
import shell from '../modeler/shell.js';
import libraryWords from '../modeler/library-zh.js';
import spiffworkflow from '../modeler/spiffworkflow.moddle.json';
import starter from '../modeler/starter.js';
import timers from '../modeler/timers.js';
import translate, { missing } from '../modeler/translate.js';
import modelerWords from '../modeler/words.js';

const { elements, ...sentences } = modelerWords[lang()];
const t = speaking({ [lang()]: sentences });
const kindWord = type => elements[type] || type;
const word = message => sentences[message] || message;

async function save(desk) {
  await desk.settle();
  try {
    writeDraft(desk.place, await desk.xml(), desk.base);
    desk.saved();
    desk.say(t('saved', { time: timeOfDay() }));
    announce(desk.node, 'saved', {});
  } catch (error) {
    desk.say(t('save_failed', { reason: error.message }));
  }
}

async function importFile(desk, problems) {
  try {
    const file = await pickFile();
    if (!file) return;
    await openSafely(desk, file.xml);
    toast(t('imported', { name: file.name }));
    desk.savedAt = NaN;
    desk.say(t('not_saved'));
  } catch (error) {
    toast(t('import_failed', { reason: error.message.slice(0, 200) }), { mark: 'alert' });
  }
  await problems.check();
}

/** A file that cannot be read must not take away what was on the canvas. */
async function openSafely(desk, xml) {
  const before = await desk.xml();
  try {
    await desk.open(xml);
    if (!desk.process().id) throw new Error(t('no_process'));
  } catch (error) {
    await desk.open(before);
    throw error;
  }
}

/** A draft that this machine keeps is offered, never opened by itself. */
function offerDraft(desk, problems) {
  const draft = readDraft(desk.place);
  if (!draft) return;
  const current = desk.node.dataset.version || '';
  const savedAt = new Date(draft.saved_at);
  const time = `${countyDay(savedAt)} ${timeOfDay(savedAt).slice(0, 5)}`;
  const text =
    t('draft_found', { time, version: draft.version || '—' }) +
    (draft.version === current ? '' : t('draft_older', { current }));
  const open = async () => {
    notice.remove();
    await desk.open(draft.xml);
    desk.base = draft.version;
    problems.check();
  };
  const drop = async () => {
    if (await ask({ title: t('drop_title'), text: t('drop_text'), word: t('draft_drop'), grave: true })) {
      dropDraft(desk.place);
      notice.remove();
    }
  };
  const notice = el(
    'div',
    { class: draft.version === current ? 'notice' : 'notice yellow', role: 'status' },
    icon('info'),
    el('p', {}, text),
    el(
      'p',
      { class: 'actions' },
      el('button', { class: 'button low', type: 'button', 'data-draft-open': '', onclick: open }, t('draft_open')),
      el('button', { class: 'button low', type: 'button', onclick: drop }, t('draft_drop'))
    )
  );
  desk.node.before(notice);
}

function connect(node, desk, problems, deployment) {
  const { modeler } = desk;
  const acts = {
    undo: () => desk.stack.undo(),
    redo: () => desk.stack.redo(),
    fit: () => desk.fit(),
    lint: () => desk.settle().then(() => problems.check()),
    import: () => importFile(desk, problems),
    download: () =>
      desk
        .settle()
        .then(() => desk.xml())
        .then(xml => download(xml, `${desk.key()}.bpmn`)),
    save: () => save(desk)
  };
  const button = name => node.querySelector(`[data-act=${name}]`);
  const refresh = () => {
    button('undo').disabled = !desk.stack.canUndo();
    button('redo').disabled = !desk.stack.canRedo();
    desk.say(desk.changed ? t('not_saved') : '');
  };
  node.addEventListener('click', event => acts[event.target.closest('[data-act]')?.dataset.act]?.());
  document.addEventListener('click', event => {
    const press = event.target.closest?.('button[data-deploy]');
    if (press) deployment.press(press);
  });
  document.addEventListener('keydown', event => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 's') {
      event.preventDefault();
      acts.save();
    }
  });
  node.addEventListener('mj:linted', () =>
    document
      .querySelectorAll('button[data-deploy]')
      .forEach(press => press.setAttribute('aria-disabled', String(problems.errors.length > 0)))
  );
  modeler.on('commandStack.changed', refresh);
  window.addEventListener('beforeunload', event => {
    if (desk.changed) event.preventDefault();
  });
  refresh();
}

async function fetchDiagram(address) {
  const response = await fetch(address, {
    credentials: 'same-origin',
    headers: headers({ Accept: 'application/xml' })
  });
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return response.text();
}

async function mount(node) {
  shell(node, t);
  if (lang() === 'zh') localise(node.querySelector('.props'), libraryWords); // the panel's own labels know no translation
  const options = inlineJson(node.dataset.optionsId, {});
  const modeler = new Modeler({
    container: node.querySelector('.canvas'),
    propertiesPanel: { parent: node.querySelector('.props') },
    moddleExtensions: { spiffworkflow },
    additionalModules: [
      BpmnPropertiesPanelModule,
      BpmnPropertiesProviderModule,
      controlGroup(options, t),
      MinimapModule,
      offer,
      timers,
      translate
    ]
  });
  const desk = new Desk(node, modeler);
  const problems = new Problems({ node, modeler, address: node.dataset.lint, word, t });
  if (node.dataset.xml) desk.deployed = await fetchDiagram(node.dataset.xml);
  await desk.open(desk.deployed || starter(node.dataset.key || 'new_process'));
  connect(node, desk, problems, new Deployment({ node, desk, problems, options, kindWord, t }));
  offerDraft(desk, problems);
  await problems.check();
  new ResizeObserver(() => modeler.get('canvas').resized()).observe(node.querySelector('.canvas'));
  Object.assign(node, { mjModeler: modeler, mjMissing: missing });
}

mountAll('modeler', mount);
